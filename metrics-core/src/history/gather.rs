//! Puts a window together: slots of one series, and what came since the last tick.

use std::sync::Arc;
use std::time::Duration;

use crate::arena::{self, Reading, Request};
use crate::clock;
use crate::history::axis::{Nanos, Now, Step};
use crate::history::levels::Levels;
use crate::history::ring::{Cover, Prefer};
use crate::history::spread::Spread;
use crate::history::state::State;
use crate::history::track::{Track, begin_spread, level};
use crate::history::window::{Counts, Data, Exact, Span, Window};
use crate::snapshot::{Extremes, Found, HistogramSnapshot, TimerSnapshot};

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub(super) after: Nanos,
    /// None: until now, with what came since the last tick.
    pub(super) until: Option<Nanos>,
    pub(super) now: Now,
}

impl Asked {
    /// The window that ends now.
    pub(super) fn until_now(now: Now, window: Nanos) -> Asked {
        Asked { after: now.at.saturating_sub(window), until: None, now }
    }
}

/// What a series did in a window; None where nothing is known of any of it.
pub(super) fn window(state: &State, track: &Track, now: &Found, asked: Asked) -> Option<Window> {
    let prefer = match now.series.request() {
        Request::Counter(_) => Prefer::Fine,
        _ => Prefer::Coarse,
    };
    window_of_slots(state, track, now, asked, prefer)
}

/// The same, in slots of the caller's preference: the rates of a counter are as fine as these.
pub(super) fn window_of_slots(
    state: &State,
    track: &Track,
    now: &Found,
    asked: Asked,
    prefer: Prefer,
) -> Option<Window> {
    if asked.after >= asked.until.unwrap_or(asked.now.at) {
        return None;
    }
    let after = asked.after.max(track.since.at);
    let until = asked.until.unwrap_or_else(|| state.line.last());
    let cover = state.line.cover(after, until, prefer);
    let live = asked.until.is_none().then(|| state.axis.step_to(asked.now.at));
    let to = live.map_or(cover.to, |step| step.to);
    let from = cover.after.max(track.since.at);
    // What of the first slot was before the series came.
    let unknown =
        if from > cover.after { state.line.watched_until(cover.after, track.since) } else { 0 };
    let covered = (cover.covered + live.map_or(0, |step| step.covered)).saturating_sub(unknown);
    if to <= from {
        return None;
    }
    let span = Span {
        from: state.axis.time(from),
        to: state.axis.time(to),
        covered: Duration::from_nanos(covered.min(to - from)),
    };
    let gather = Gather { state, track, now, cover, live, unknown };
    let data = match now.series.request() {
        Request::Counter(_) => Data::Counts(gather.counts()),
        Request::Gauge(_) => gather.levels()?,
        Request::Histogram(distribution) => {
            let histogram = gather.histogram()?;
            match distribution.samples() {
                Some(kept) => {
                    let samples = samples_of(kept, span)
                        .filter(|samples| is_right(samples, &histogram, from, asked.now));
                    Data::Summary { histogram, samples }
                }
                None => Data::Histogram(histogram),
            }
        }
        Request::Timer(_) => Data::Timer(gather.timer()?),
    };
    Some(Window { kind: now.series.kind(), span, data })
}

struct Gather<'a> {
    state: &'a State,
    track: &'a Track,
    now: &'a Found,
    cover: Cover,
    live: Option<Step>,
    /// How much of the first slot was watched before the series came.
    unknown: Nanos,
}

impl Gather<'_> {
    fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        let since = self.track.since.at;
        for run in &self.cover.runs {
            let mut entries = self.track.increases(run).peekable();
            for number in run.slots.clone() {
                let increase = entries.next_if(|(slot, _)| *slot == number);
                let increase = increase.map_or(0, |(_, increase)| increase);
                if let Some(slot) = self.state.line.slot(run.ring, number) {
                    let unknown = if slot.after < since { self.unknown } else { 0 };
                    counts.add(increase, slot.covered.saturating_sub(unknown));
                }
            }
        }
        if let Some(step) = self.live {
            counts.add(self.track.increase_since(self.now), step.covered);
        }
        counts
    }

    /// None where no tick saw a value.
    fn levels(&self) -> Option<Data> {
        let line = &self.state.line;
        let (mut levels, mut change) = (Levels::default(), Change::default());
        for run in &self.cover.runs {
            let Some(edges) = self.track.gather_levels(run, line, &mut levels) else { continue };
            change.begin = change.begin.or(edges.before);
            change.end = edges.after;
            let covered =
                run.slots.clone().filter_map(|slot| Some((slot, line.slot(run.ring, slot)?)));
            for (number, slot) in covered {
                if change.begin.is_some() {
                    change.covered += slot.covered;
                } else if let Some((_, seen)) = edges.first.filter(|(first, _)| *first == number) {
                    // It came in this slot, and from the first tick that saw it to the last there is one interval less.
                    let each = slot.covered / u64::from(slot.ticks.max(1));
                    change =
                        Change { begin: Some(levels.first), covered: each * (seen - 1), ..change };
                }
            }
        }
        if let Some(step) = self.live {
            let value = level(self.now);
            let is_seen = step.to == step.after && value == change.end;
            if let Some(value) = value.filter(|_| !is_seen) {
                levels.add(value, 1);
            }
            change = Change { covered: change.covered + step.covered, end: value, ..change };
        }
        (levels.ticks > 0).then(|| Data::Levels { rate: change.rate(), levels })
    }

    fn spread(&self) -> Spread {
        let number = self.now.series.number();
        let of = (number, self.state.ticks, self.cover.after, self.cover.to);
        let mut last = self.state.last_gathered.borrow_mut();
        let (known, gathered) = &mut *last;
        if *known != Some(of) {
            // Nothing is, while it is put together.
            *known = None;
            begin_spread(self.now.series, gathered);
            for run in &self.cover.runs {
                self.track.gather_spread(run, gathered);
            }
            *known = Some(of);
        }
        let mut spread = gathered.copy();
        if self.live.is_some() {
            self.track.spread_since(self.now, &mut spread);
        }
        spread
    }

    /// What a window of a histogram lies within is known from all that was ever recorded, and from its buckets.
    fn histogram(&self) -> Option<HistogramSnapshot> {
        let Request::Histogram(distribution) = self.now.series.request() else { return None };
        let Reading::Histogram(tally) = &self.now.reading else { return None };
        let extremes = extremes(tally.value_range());
        let spread = self.spread();
        let sum = spread.sum;
        let (first, counts) = spread.into_counts();
        let layout = Arc::clone(&distribution.shared_layout());
        Some(HistogramSnapshot::new(layout, first, counts, sum, extremes))
    }

    fn timer(&self) -> Option<TimerSnapshot> {
        let Request::Timer(distribution) = self.now.series.request() else { return None };
        let Reading::Timer(tally) = &self.now.reading else { return None };
        let range = tally.tick_range();
        let range =
            range.map(|(min, max)| (distribution.value_of(min), distribution.value_of(max)));
        let spread = self.spread();
        let (sum, own) = (distribution.value_of(spread.ticks), clock::duration(spread.own_ticks));
        let (first, counts) = spread.into_counts();
        let layout = distribution.shared_layout();
        let histogram = HistogramSnapshot::new(layout, first, counts, sum, extremes(range));
        Some(TimerSnapshot::new(histogram, distribution.per_second(), own))
    }
}

/// What a summary keeps of a span; None where that is not all that was recorded in it.
fn samples_of(kept: &arena::Samples, span: Span) -> Option<Exact> {
    let (samples, is_all) = kept.between(span.from, span.to);
    is_all.then(|| Exact::new(samples))
}

/// Whether samples, which are dated by the clock, are those of a span that begins at `from`. After the clock was set back,
/// those from before it may lie in spans that came later: there are more then than the buckets have.
fn is_right(samples: &Exact, histogram: &HistogramSnapshot, from: Nanos, now: Now) -> bool {
    let is_steady = now.dated_since == 0;
    is_steady || (from >= now.dated_since && samples.len() == histogram.count())
}

fn extremes(range: Option<(f64, f64)>) -> Extremes {
    let (min, max) = range.unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
    Extremes::Within(min, max)
}

/// From where to where a gauge went, and how long that was watched.
#[derive(Debug, Clone, Copy, Default)]
struct Change {
    begin: Option<f64>,
    end: Option<f64>,
    covered: Nanos,
}

impl Change {
    /// Per second.
    fn rate(self) -> Option<f64> {
        let (change, seconds) = (self.end? - self.begin?, self.covered as f64 / 1e9);
        (seconds > 0.0).then(|| change / seconds)
    }
}

impl Counts {
    fn add(&mut self, increase: u64, covered: Nanos) {
        self.increase = self.increase.saturating_add(increase);
        if covered > 0 {
            let seconds = covered as f64 / 1e9;
            self.rates.push((increase as f64 / seconds, seconds));
        }
    }
}
