//! How the distribution of a series went over time: counts of values by part and by range of values.
//!
//! The ranges are those of the recorded buckets put together, a power of two to each factor of two, so that every
//! value is counted in the range that it lies in.

use tachograph::{Bucket, Window};

use super::json::Json;

/// The most ranges.
const ROWS_MAX: i64 = 48;

/// How finely a factor of two may be cut: into 2^3.
const SCALE_MAX: i32 = 3;

/// Ranges `2^(i / 2^scale) .. 2^((i + 1) / 2^scale)`, from `first` on.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Rows {
    scale: i32,
    first: i64,
    len: usize,
    /// One more in front, of what is not above zero or below all that a histogram tells apart.
    has_below: bool,
    /// One more at the end, of what lies above all that a histogram tells apart.
    has_above: bool,
}

fn is_below(bucket: &Bucket) -> bool {
    bucket.lower <= 0.0
}

fn is_above(bucket: &Bucket) -> bool {
    bucket.upper.is_infinite()
}

/// The row of a scale that a bucket lies in. Bounds are powers of two with fractions, which logarithms tell nearly.
fn row_of(bucket: &Bucket, scale: i32) -> i64 {
    const NEARLY: f64 = 1e-9;
    (bucket.upper.log2() * f64::from(scale).exp2() - NEARLY).ceil() as i64 - 1
}

impl Rows {
    fn of<'a>(buckets: impl Iterator<Item = &'a Bucket> + Clone) -> Rows {
        let has_below = buckets.clone().any(is_below);
        let has_above = buckets.clone().any(is_above);
        let within = buckets.filter(|bucket| !is_below(bucket) && !is_above(bucket));
        for scale in (-SCALE_MAX - 2..=SCALE_MAX).rev() {
            let rows = within.clone().map(|bucket| row_of(bucket, scale));
            let (first, last) = rows
                .fold((i64::MAX, i64::MIN), |(first, last), row| (first.min(row), last.max(row)));
            if first > last {
                return Rows { scale, first: 0, len: 0, has_below, has_above };
            }
            if last - first < ROWS_MAX || scale == -SCALE_MAX - 2 {
                let len = (last - first + 1) as usize;
                return Rows { scale, first, len, has_below, has_above };
            }
        }
        Rows { scale: 0, first: 0, len: 0, has_below, has_above }
    }

    fn all(&self) -> usize {
        self.len + usize::from(self.has_below) + usize::from(self.has_above)
    }

    fn place(&self, bucket: &Bucket) -> usize {
        if is_below(bucket) {
            0
        } else if is_above(bucket) {
            self.all() - 1
        } else {
            let row = row_of(bucket, self.scale) - self.first;
            usize::from(self.has_below) + row as usize
        }
    }

    /// One more than there are rows.
    fn bounds(&self) -> Vec<f64> {
        let bound = |row: i64| ((self.first + row) as f64 / f64::from(self.scale).exp2()).exp2();
        let mut bounds: Vec<f64> = Vec::new();
        if self.has_below {
            bounds.push(f64::NEG_INFINITY);
        }
        if self.len > 0 {
            bounds.extend((0..=self.len as i64).map(bound));
        } else if self.all() > 0 {
            bounds.push(0.0);
        }
        if self.has_above {
            bounds.push(f64::INFINITY);
        }
        bounds
    }
}

/// Writes the heat map of distributions, or `null` where there is none.
pub(super) fn write_heat(parts: &[Option<Window>], json: &mut Json) {
    let of_part = |part: &Option<Window>| -> Option<Vec<Bucket>> {
        Some(part.as_ref()?.histogram()?.buckets().collect())
    };
    let parts: Vec<Option<Vec<Bucket>>> = parts.iter().map(of_part).collect();
    let rows = Rows::of(parts.iter().flatten().flatten());
    if rows.all() == 0 {
        return json.null();
    }
    json.object(|json| {
        json.key("bounds")
            .array(|json| rows.bounds().into_iter().for_each(|bound| json.number(bound)));
        json.key("counts").array(|json| {
            for part in &parts {
                let Some(buckets) = part else {
                    json.null();
                    continue;
                };
                let mut counts = vec![0_u64; rows.all()];
                for bucket in buckets {
                    let count = &mut counts[rows.place(bucket)];
                    *count = count.saturating_add(bucket.count);
                }
                json.array(|json| counts.into_iter().for_each(|count| json.whole(count)));
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(lower: f64, upper: f64, count: u64) -> Bucket {
        Bucket { lower, upper, count }
    }

    #[test]
    fn every_bucket_lies_in_its_row() {
        let step = (1.0_f64 / 32.0).exp2();
        for (from, to) in [(-10, 10), (-900, 900), (3, 4), (0, 32)] {
            let buckets: Vec<Bucket> = (from..to)
                .map(|place| bucket(step.powi(place), step.powi(place + 1), 1))
                .chain([bucket(f64::NEG_INFINITY, 0.0, 1), bucket(1e12, f64::INFINITY, 1)])
                .collect();
            let rows = Rows::of(buckets.iter());
            let bounds = rows.bounds();
            assert_eq!(bounds.len(), rows.all() + 1);
            assert!(rows.len as i64 <= ROWS_MAX, "{rows:?}");
            for bucket in &buckets {
                let place = rows.place(bucket);
                let (lower, upper) = (bounds[place], bounds[place + 1]);
                let is_within =
                    bucket.lower >= lower * (1.0 - 1e-9) && bucket.upper <= upper * (1.0 + 1e-9);
                assert!(is_within || is_above(bucket), "{bucket:?} in {lower}..{upper}");
            }
        }
    }

    #[test]
    fn what_is_zero_or_beyond_all_bounds_has_a_row_of_its_own() {
        let zero = [bucket(0.0, 1e-9, 3)];
        assert_eq!(Rows::of(zero.iter()).bounds(), [f64::NEG_INFINITY, 0.0]);
        let above = [bucket(1e10, f64::INFINITY, 3)];
        assert_eq!(Rows::of(above.iter()).bounds(), [0.0, f64::INFINITY]);
        assert_eq!(Rows::of([].iter()).all(), 0);
    }
}
