//! How a value went, in few bytes: for the small charts beside thousands of series.

use super::json::Json;

/// A course is told in so many steps between its least and its greatest value.
const STEPS: f64 = 255.0;

/// Writes a course: `null` where nothing is known of any part, a number where it was that in all parts, and otherwise an
/// array of the least value, the greatest, and for each part `null` or a step, 0 the least and 255 the greatest.
pub(super) fn write_course(values: &[Option<f64>], json: &mut Json) {
    let known = || values.iter().flatten().copied().filter(|value| value.is_finite());
    let (low, high) = known().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    if low > high {
        return json.null();
    }
    if low == high && known().count() == values.len() {
        return json.number(low);
    }
    let scale = if low < high { STEPS / (high - low) } else { 0.0 };
    json.array(|json| {
        json.number(low);
        json.number(high);
        json.array(|json| {
            for value in values {
                match value.filter(|value| value.is_finite()) {
                    Some(value) => json.whole(((value - low) * scale).round() as u64),
                    None => json.null(),
                }
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(values: &[Option<f64>]) -> String {
        let mut json = Json::default();
        write_course(values, &mut json);
        json.into_text()
    }

    #[test]
    fn a_course_is_steps_between_its_extremes() {
        assert_eq!(told(&[]), "null");
        assert_eq!(told(&[None, None]), "null");
        assert_eq!(told(&[Some(0.0), Some(0.0)]), "0");
        assert_eq!(told(&[None, Some(2.5)]), "[2.5,2.5,[null,0]]");
        assert_eq!(told(&[Some(1.0), None, Some(3.0), Some(2.0)]), "[1,3,[0,null,255,128]]");
        assert_eq!(told(&[Some(-1.0), Some(f64::INFINITY), Some(1.0)]), "[-1,1,[0,null,255]]");
    }
}
