//! A distribution as the native histogram of Prometheus: indices, spans, deltas, and no more buckets than are allowed.
//!
//! What is recorded has the layout of a native histogram already, so every count is taken over as it is; a coarser schema
//! adds up neighbours. Only three cells need a decision, which [`Protobuf`](crate::Protobuf) documents.

use tachograph::HistogramSnapshot;

use crate::protobuf::message::{BucketSpan, Histogram};

/// The coarsest schema that there is.
const SCHEMA_MIN: i8 = -4;

/// So many empty buckets are written between two others, as a span of its own would take more.
const GAP_MAX: i32 = 2;

/// Makes native histograms of distributions, one after the other, in memory that it keeps.
#[derive(Debug, Default)]
pub(super) struct NativeBuckets {
    /// Indices, ascending, and counts above zero.
    positive: Vec<(i32, u64)>,
    negative: Vec<(i32, u64)>,
}

impl NativeBuckets {
    /// Replaces all of a message that is native, with at most `max_buckets` buckets, if the coarsest schema has not more.
    pub(super) fn fill(
        &mut self,
        distribution: &HistogramSnapshot,
        max_buckets: usize,
        message: &mut Histogram,
    ) {
        let layout = distribution.layout();
        let (lowest, highest) = layout.exponents();
        let mut schema = layout.schema();
        self.positive.clear();
        self.positive.extend(distribution.native_buckets());
        let above = distribution.count_above_range();
        self.positive.extend((above > 0).then(|| (first_above(highest, schema), above)));
        self.negative.clear();
        let below = distribution.count_below_zero();
        self.negative.extend((below > 0).then(|| (first_above(lowest, schema), below)));
        while schema > SCHEMA_MIN
            && written_len(&self.positive) + written_len(&self.negative) > max_buckets
        {
            schema -= 1;
            halve(&mut self.positive);
            halve(&mut self.negative);
        }
        message.schema = i32::from(schema);
        message.zero_threshold = layout.range().0;
        message.zero_count = distribution.zero_count();
        write(&self.positive, &mut message.positive_span, &mut message.positive_delta);
        write(&self.negative, &mut message.negative_span, &mut message.negative_delta);
    }
}

/// The index of the bucket that begins at 2^`exponent`, which is a bound of the schema.
fn first_above(exponent: i32, schema: i8) -> i32 {
    let last_below = if schema >= 0 { exponent << schema } else { exponent >> -schema };
    last_below + 1
}

/// Makes the buckets those of the next coarser schema, each the sum of two.
fn halve(buckets: &mut Vec<(i32, u64)>) {
    buckets.iter_mut().for_each(|(index, _)| *index = (*index + 1) >> 1);
    buckets.dedup_by(|(index, count), (before, sum)| {
        let is_same = index == before;
        if is_same {
            *sum = sum.saturating_add(*count);
        }
        is_same
    });
}

/// How many empty buckets are written between two others.
fn written_gap(before: i32, index: i32) -> Option<i32> {
    let gap = index - before - 1;
    (gap <= GAP_MAX).then_some(gap)
}

/// How many buckets are written, empty ones between others included.
fn written_len(buckets: &[(i32, u64)]) -> usize {
    let gaps = buckets.windows(2).map(|two| written_gap(two[0].0, two[1].0).unwrap_or(0) as usize);
    buckets.len() + gaps.sum::<usize>()
}

/// Replaces spans and deltas by those of the buckets.
fn write(buckets: &[(i32, u64)], spans: &mut Vec<BucketSpan>, deltas: &mut Vec<i64>) {
    spans.clear();
    deltas.clear();
    let mut last: Option<(i32, u64)> = None;
    for (index, count) in buckets {
        let (end, mut before) = last.map_or((0, 0), |(index, count)| (index + 1, count));
        let gap = last.and_then(|(before, _)| written_gap(before, *index));
        match (spans.last_mut(), gap) {
            (Some(span), Some(gap)) => {
                span.length += gap as u32 + 1;
                for _ in 0..gap {
                    deltas.push(0_u64.wrapping_sub(before) as i64);
                    before = 0;
                }
            }
            _ => spans.push(BucketSpan { offset: index - end, length: 1 }),
        }
        deltas.push(count.wrapping_sub(before) as i64);
        last = Some((*index, *count));
    }
}

#[cfg(test)]
mod tests;
