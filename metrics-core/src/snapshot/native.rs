//! What a histogram's cells are as exponential buckets, for formats that have those.

use crate::snapshot::HistogramSnapshot;

impl HistogramSnapshot {
    /// The exponential buckets that hold values, in ascending order, with how many are in each. Bucket `i` of schema `s`
    /// is above 2^((i-1)/2^s) and up to 2^(i/2^s), included; so those of a coarser schema are sums of these.
    ///
    /// What was cut by declared bounds is whole again. The three cells besides the layout's range are not among them:
    /// [`count_below_zero`](HistogramSnapshot::count_below_zero), [`zero_count`](HistogramSnapshot::zero_count)
    /// and [`count_above_range`](HistogramSnapshot::count_above_range); together they are all values.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::{Buckets, Registry};
    ///
    /// let registry = Registry::new();
    /// let buckets = Buckets::new().schema(0).bounds(&[3.0]);
    /// let sizes = registry.histogram_with("sizes", &[], buckets)?;
    /// [-1.0, 0.0, 0.5, 1.0, 3.0, 3.5, 4.0, 1e12].iter().for_each(|size| sizes.record(*size));
    /// let snapshot = registry.snapshot();
    /// let sizes = snapshot.histogram("sizes", &[]).unwrap();
    ///
    /// // 0.25 to 0.5, 0.5 to 1 and 2 to 4.
    /// assert!(sizes.native_buckets().eq([(-1, 1), (0, 1), (2, 3)]));
    /// assert_eq!((sizes.count_below_zero(), sizes.zero_count(), sizes.count_above_range()), (1, 1, 1));
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    ///
    /// # Source
    ///
    /// [Prometheus native histograms](https://prometheus.io/docs/specs/native_histograms/), whose indices these are. Those
    /// of OpenTelemetry are one less.
    pub fn native_buckets(&self) -> impl Iterator<Item = (i32, u64)> {
        let layout = self.layout();
        let mut parts =
            self.cells().filter_map(|(cell, count)| Some((layout.native_index(cell)?, count)));
        let mut next = parts.next();
        std::iter::from_fn(move || {
            let (index, mut count) = next?;
            next = parts.next();
            while let Some((_, more)) = next.filter(|(part, _)| *part == index) {
                count = count.saturating_add(more);
                next = parts.next();
            }
            Some((index, count))
        })
    }

    /// How many values are below zero.
    pub fn count_below_zero(&self) -> u64 {
        self.count_in(0)
    }

    /// How many values are in the zero bucket: 0 up to the lower end of the layout's [range](crate::Layout::range),
    /// included.
    pub fn zero_count(&self) -> u64 {
        self.count_in(1)
    }

    /// How many values are above the layout's [range](crate::Layout::range).
    pub fn count_above_range(&self) -> u64 {
        self.count_in(self.layout().cells() - 1)
    }

    /// [`count_at_most`](HistogramSnapshot::count_at_most) of each of ascending bounds, in one pass over the buckets.
    ///
    /// # Examples
    ///
    /// ```
    /// let registry = tachograph::Registry::new();
    /// let sizes = registry.histogram("sizes", &[])?;
    /// [0.5, 3.0, 4.0, 9.0].iter().for_each(|size| sizes.record(*size));
    /// let snapshot = registry.snapshot();
    /// let sizes = snapshot.histogram("sizes", &[]).unwrap();
    /// assert!(sizes.counts_at_most(&[1.0, 4.0, f64::INFINITY]).eq([1, 3, 4]));
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn counts_at_most(&self, bounds: &[f64]) -> impl Iterator<Item = u64> {
        let mut cells = self.cells().peekable();
        let mut below: u64 = 0;
        bounds.iter().map(move |bound| {
            let end = self.end_at(*bound);
            while let Some((_, count)) = cells.next_if(|(cell, _)| *cell < end) {
                below = below.saturating_add(count);
            }
            below
        })
    }

    /// The first cell that is not wholly at most `bound`, as far as is known. 0 for NaN.
    fn end_at(&self, bound: f64) -> u32 {
        let layout = self.layout();
        let all = layout.cells();
        if self.max().is_some_and(|max| bound >= max) {
            return all;
        }
        let Some(cell) = layout.cell(bound) else { return if bound > 0.0 { all } else { 0 } };
        // Cells end with a value that they hold; only that of negatives ends before zero.
        if layout.cell_bounds(cell).1 <= bound { cell + 1 } else { cell }
    }
}

#[cfg(test)]
mod tests;
