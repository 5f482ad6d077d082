//! A distribution as a line of block characters.

use crate::snapshot::HistogramSnapshot;

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The shape of a distribution in at most `columns` characters: left the smallest values, right the
/// greatest, equal ratios equally far apart. Where there is a value there is at least the lowest
/// block, where there is none a space.
///
/// Values below zero, those in the zero bucket and those above the range have a column each: on the
/// scale of the others they would be infinitely far away.
pub(super) fn blocks(histogram: &HistogramSnapshot, columns: usize) -> String {
    let layout = histogram.layout();
    let is_native = |cell: u32| {
        let (lower, upper) = layout.cell_bounds(cell);
        lower > 0.0 && upper.is_finite()
    };
    let mut below: Vec<f64> = Vec::new();
    let mut above: Vec<f64> = Vec::new();
    let mut native: Vec<(u32, u64)> = Vec::new();
    for (cell, count) in histogram.cells() {
        match (is_native(cell), native.is_empty()) {
            (true, _) => native.push((cell, count)),
            (false, true) if layout.cell_bounds(cell).1.is_finite() => below.push(count as f64),
            (false, _) => above.push(count as f64),
        }
    }
    let room = columns.saturating_sub(below.len() + above.len());
    let heights = [below, spread(&native, room), above].concat();
    let highest = heights.iter().copied().fold(0.0, f64::max);
    let block = |height: f64| match (height / highest * BLOCKS.len() as f64).ceil() as usize {
        0 => ' ',
        eighths => BLOCKS[eighths.min(BLOCKS.len()) - 1],
    };
    heights.into_iter().map(|height| if height > 0.0 { block(height) } else { ' ' }).collect()
}

/// The counts of cells over at most `columns` columns of equal width, a cell that lies in two of them
/// shared between both: otherwise those that happen to hold one cell more would stand out.
fn spread(cells: &[(u32, u64)], columns: usize) -> Vec<f64> {
    let (Some((first, _)), Some((last, _))) = (cells.first(), cells.last()) else {
        return Vec::new();
    };
    let span = (last - first + 1) as usize;
    let columns = columns.min(span);
    let mut heights = vec![0.0; columns];
    // A column is `span` steps wide and a cell `columns` steps: whole numbers, so that no column gets
    // a value by rounding.
    for (cell, count) in cells {
        let start = (cell - first) as usize * columns;
        let column = start / span;
        let here = columns.min((column + 1) * span - start);
        let step = *count as f64 / columns as f64;
        heights[column] += step * here as f64;
        if here < columns {
            heights[column + 1] += step * (columns - here) as f64;
        }
    }
    heights
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::bucket::Layout;
    use crate::snapshot::Extremes;

    /// One bucket an octave: below zero, zero, (0.25, 0.5] up to (4, 8], above.
    fn shape(counts: &[u64], columns: usize) -> String {
        let layout = Arc::new(Layout::new(0, -2, 3, &[]).unwrap());
        let unknown = Extremes::Within(f64::NEG_INFINITY, f64::INFINITY);
        blocks(&HistogramSnapshot::new(layout, 0, counts.to_vec(), 0.0, unknown), columns)
    }

    #[test]
    fn heights_follow_the_counts() {
        for (counts, columns, shown) in [
            (&[0; 8], 8, ""),
            (&[0, 0, 0, 7, 0, 0, 0, 0], 8, "█"),
            (&[0, 0, 1, 2, 3, 4, 5, 0], 8, "▂▄▅▇█"),
            (&[0, 0, 1, 2, 4, 8, 8, 0], 8, "▁▂▄██"),
            (&[0, 0, 1_000, 1, 0, 0, 1, 0], 8, "█▁  ▁"),
            (&[9, 0, 0, 9, 0, 0, 0, 0], 8, "██"),
            (&[4, 8, 0, 1, 1, 1, 0, 2], 8, "▄█▁▁▁▂"),
            (&[0, 8, 0, 0, 0, 0, 0, 0], 8, "█"),
            (&[0, 0, 0, 0, 0, 0, 0, 3], 8, "█"),
        ] {
            assert_eq!(shape(counts, columns), shown, "{counts:?}");
        }
    }

    #[test]
    fn equal_counts_are_level_in_any_number_of_columns() {
        for columns in 1..=5 {
            assert_eq!(shape(&[0, 0, 6, 6, 6, 6, 6, 0], columns), "█".repeat(columns));
        }
        assert_eq!(shape(&[0, 0, 6, 0, 0, 0, 6, 0], 3), "█ █");
        assert_eq!(shape(&[1, 1, 6, 6, 6, 6, 6, 1], 5), "▁▁██▁");
    }
}
