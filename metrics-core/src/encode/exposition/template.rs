//! What of a body stays as it is while nothing but numbers changes.
//!
//! Between two scrapes hardly anything else does. So whoever writes the same series again and again keeps the text between
//! the numbers, and whose each number is; the next body is put together from these, without a look at names or labels.

use std::ops::Range;
use std::slice;

use crate::encode::digits::{push_sample, push_u64};
use crate::encode::exposition::bounds::{Bounds, counts_up_to};
use crate::encode::exposition::family::{Family, has_negatives};
use crate::snapshot::{Snapshot, SummarySnapshot, Value};

/// A body as it is written, and, where it is asked for, the template that is made of it.
#[derive(Debug)]
pub(super) struct Body<'o> {
    pub(super) out: &'o mut String,
    template: Option<&'o mut Template>,
    /// So much of the body is in the template.
    copied: usize,
}

/// How far a body was written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    out: usize,
    copied: usize,
    text: usize,
    pieces: usize,
}

/// All of a body but its numbers.
#[derive(Debug, Default)]
pub(in crate::encode) struct Template {
    /// What stands between the numbers, without them.
    text: String,
    pieces: Vec<Piece>,
    /// For each set of bounds the last cells of its buckets.
    buckets: Vec<Vec<u32>>,
    /// Families whose type hangs on what they hold.
    by_sign: Vec<BySign>,
    /// The body came to its end.
    is_whole: bool,
}

/// A number, and what stands before it.
#[derive(Debug, Clone, Copy)]
struct Piece {
    /// Bytes of text.
    before: u32,
    /// The place in the snapshot.
    series: u32,
    number: Number,
}

/// What a series is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Number {
    /// The total of a counter or rate, or the value of a gauge.
    Value,
    /// Of a timer, in seconds.
    SelfTime,
    Sum,
    Count,
    /// How many values there are up to the first of those bounds.
    Bucket(u32),
    /// The first quantile.
    Quantile,
    /// The bucket or quantile after the one before.
    Next,
}

/// Whether a family held values below zero.
#[derive(Debug)]
struct BySign {
    series: Range<usize>,
    has_negatives: bool,
}

impl<'o> Body<'o> {
    pub(super) fn new(out: &'o mut String, template: Option<&'o mut Template>) -> Body<'o> {
        let copied = out.len();
        Body { out, template, copied }
    }

    /// Appends a number of the series at that place of the snapshot.
    #[inline]
    pub(super) fn push(&mut self, series: usize, number: Number, push: impl FnOnce(&mut String)) {
        if self.template.is_some() {
            self.note(series, number);
            push(self.out);
            self.copied = self.out.len();
        } else {
            push(self.out);
        }
    }

    /// Appends the one number of that name which a series has.
    #[inline]
    pub(super) fn push_one(&mut self, series: usize, number: Number, value: &Value) {
        self.push(series, number, |out| number.push(value, out));
    }

    /// A number stands here.
    #[cold]
    fn note(&mut self, series: usize, number: Number) {
        let before = &self.out[self.copied..];
        // Texts beyond 4 GiB have no template.
        let piece = u32::try_from(before.len())
            .and_then(|before| Ok(Piece { before, series: u32::try_from(series)?, number }));
        match (piece, self.template.take()) {
            (Ok(piece), Some(template)) => {
                template.text.push_str(before);
                template.pieces.push(piece);
                self.template = Some(template);
            }
            (_, template) => drop(template.map(std::mem::take)),
        }
    }

    /// The number of a bucket up to the first of these bounds.
    pub(super) fn first_of(&mut self, bounds: &Bounds<'_>) -> Number {
        let Some(template) = &mut self.template else { return Number::Bucket(0) };
        let is_it = |known: &Vec<u32>| bounds.cells().eq(known.iter().copied());
        let place = template.buckets.iter().position(is_it).unwrap_or(template.buckets.len());
        if place == template.buckets.len() {
            template.buckets.push(bounds.cells().collect());
        }
        Number::Bucket(place as u32)
    }

    /// The type of a family hangs on whether it holds values below zero.
    pub(super) fn by_sign(&mut self, family: &Family<'_>) {
        if let Some(template) = &mut self.template {
            let has_negatives = has_negatives(family.series);
            template.by_sign.push(BySign { series: family.places(), has_negatives });
        }
    }

    pub(super) fn mark(&self) -> Mark {
        let (text, pieces) =
            self.template.as_ref().map_or((0, 0), |it| (it.text.len(), it.pieces.len()));
        Mark { out: self.out.len(), copied: self.copied, text, pieces }
    }

    /// As if nothing had been written since.
    pub(super) fn return_to(&mut self, mark: Mark) {
        self.out.truncate(mark.out);
        self.copied = mark.copied;
        if let Some(template) = &mut self.template {
            template.text.truncate(mark.text);
            template.pieces.truncate(mark.pieces);
        }
    }

    /// The body is complete.
    pub(super) fn end(self) {
        if let Some(template) = self.template {
            template.text.push_str(&self.out[self.copied..]);
            template.text.shrink_to_fit();
            template.pieces.shrink_to_fit();
            template.is_whole = true;
        }
    }
}

impl Number {
    /// Appends the one number of that name which a series has.
    #[inline]
    fn push(self, value: &Value, out: &mut String) {
        match (self, value) {
            (Number::Value, Value::Counter(total) | Value::Rate(total)) => push_u64(*total, out),
            (Number::Value, Value::Gauge(value)) => push_sample(*value, out),
            (Number::SelfTime, Value::Timer(timer)) => {
                push_sample(timer.self_total().as_secs_f64(), out);
            }
            (Number::Count, value) => {
                push_u64(value.distribution().map_or(0, |it| it.count()), out)
            }
            (_, value) => push_sample(value.distribution().map_or(0.0, |it| it.sum()), out),
        }
    }
}

/// What is still to be written.
struct Rest<'t> {
    text: &'t str,
    pieces: slice::Iter<'t, Piece>,
}

impl<'t> Rest<'t> {
    /// Appends what stands before the next number.
    #[inline]
    fn next(&mut self, out: &mut String) -> Option<&'t Piece> {
        let piece = self.pieces.next()?;
        let (before, rest) = self.text.split_at(piece.before as usize);
        out.push_str(before);
        self.text = rest;
        Some(piece)
    }
}

impl Template {
    /// Appends the body of a snapshot that differs in nothing but numbers from the one that this was made of. False,
    /// and nothing is appended, where the numbers are such that more would change.
    pub(in crate::encode) fn fill(&self, snapshot: &Snapshot, out: &mut String) -> bool {
        let all = snapshot.series();
        let is_other = |one: &BySign| has_negatives(&all[one.series.clone()]) != one.has_negatives;
        if !self.is_whole || self.by_sign.iter().any(is_other) {
            return false;
        }
        let mut rest = Rest { text: &self.text, pieces: self.pieces.iter() };
        while let Some(piece) = rest.next(out) {
            let value = all[piece.series as usize].value();
            match (piece.number, value) {
                (Number::Bucket(bounds), value) => {
                    let Some(histogram) = value.distribution() else { continue };
                    let cells = self.buckets[bounds as usize].iter().copied();
                    for (place, count) in counts_up_to(histogram, cells).enumerate() {
                        if place > 0 {
                            rest.next(out);
                        }
                        push_u64(count, out);
                    }
                }
                (Number::Quantile, Value::Summary(summary)) => {
                    let values = summary.quantiles(SummarySnapshot::QUANTILES);
                    for (place, value) in values.into_iter().enumerate() {
                        if place > 0 {
                            rest.next(out);
                        }
                        push_sample(value.unwrap_or(f64::NAN), out);
                    }
                }
                (number, value) => number.push(value, out),
            }
        }
        out.push_str(rest.text);
        true
    }
}
