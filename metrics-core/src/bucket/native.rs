//! The numbers that native buckets have in formats which know them.

use crate::bucket::{FIRST_NATIVE, Layout, octave};

impl Layout {
    /// The index of the native bucket that a cell is, or is a part of, counted from 0 at the one that ends with 1.
    pub(crate) fn native_index(&self, cell: u32) -> Option<i32> {
        if !(FIRST_NATIVE..self.cells - 1).contains(&cell) {
            return None;
        }
        let native = match &self.splits {
            Some(splits) => splits.first_cells.partition_point(|first| *first <= cell) as i32 - 1,
            None => (cell - FIRST_NATIVE) as i32,
        };
        // The range begins with a whole bucket, so that nothing is lost by the shift.
        let finest = self.min_exponent * octave::BUCKETS_PER_OCTAVE;
        Some((finest >> (8 - self.schema)) + native + 1)
    }
}
