//! All that one call of a function records into, and how a call finds it.

use once_cell::race::OnceBox;

use crate::arena::{self, Reason};
use crate::handle::{CellSlot, Counter, DetachedGuard, DistributionSlot, Gauge, Timer, TimerGuard};
use crate::kind::Kind;
use crate::label::Labels;
use crate::registry::{FamilyHint, Series};
use crate::site::MAX_ENTRIES;
use crate::site::function::{About, Call, InFlight, Sampled, Timing, Watch};
use crate::table::{Entry, Row, Table};

/// A function with `N` labels whose values are known at run time, and what is recorded of it.
#[derive(Debug)]
pub struct FunctionSite<const N: usize> {
    about: fn() -> About,
    keys: [&'static str; N],
    /// The parts of all calls, where no label tells them apart.
    only: OnceBox<Parts>,
    table: Table<Parts>,
    /// The parts of calls whose labels found no place.
    overflow: OnceBox<Parts>,
    /// The family in which they found none.
    full: FamilyHint,
}

/// How a call ended, in the order of the slots.
#[derive(Debug, Clone, Copy)]
pub(super) enum Outcome {
    Ok,
    Err,
    Panic,
    Cancelled,
}

impl Outcome {
    const ALL: [Outcome; 4] = [Outcome::Ok, Outcome::Err, Outcome::Panic, Outcome::Cancelled];

    /// The value of the label `outcome`.
    const fn as_str(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Err => "err",
            Outcome::Panic => "panic",
            Outcome::Cancelled => "cancelled",
        }
    }
}

/// All that one call records into. What the function does not ask for drops its records.
#[derive(Debug)]
pub struct Parts {
    durations: DistributionSlot,
    calls: CellSlot,
    in_flight: CellSlot,
    outcomes: [CellSlot; Outcome::ALL.len()],
    busy: DistributionSlot,
    polls: CellSlot,
}

/// The parts of a call that comes from within the recorder's own work.
static REENTRANT: Parts = Parts::dropping(Reason::Reentrant);

/// The parts of a call whose labels broke their rules.
static INVALID: Parts = Parts::dropping(Reason::Invalid);

impl<const N: usize> FunctionSite<N> {
    /// The site of a function of which `about` tells.
    pub const fn new(about: fn() -> About, keys: [&'static str; N]) -> FunctionSite<N> {
        FunctionSite {
            about,
            keys,
            only: OnceBox::new(),
            table: Table::new(MAX_ENTRIES),
            overflow: OnceBox::new(),
            full: FamilyHint::new(),
        }
    }

    /// What a call with these values of the labels records into.
    #[inline]
    pub fn parts(&'static self, values: [&str; N]) -> &'static Parts {
        if N == 0 {
            return self.only.get().unwrap_or_else(|| self.first());
        }
        match self.table.find(&Row::new(N, values.iter().copied())) {
            Some(entry) => entry.holder(),
            None => self.miss(values),
        }
    }

    #[cold]
    #[inline(never)]
    fn first(&'static self) -> &'static Parts {
        // Before anything allocates: an allocator that is timed would come here again.
        let Some(_slow) = arena::enter_slow_path() else { return &REENTRANT };
        self.only.get_or_init(|| Box::new(self.uncapped(&[])))
    }

    #[cold]
    #[inline(never)]
    fn miss(&'static self, values: [&str; N]) -> &'static Parts {
        // As in `first`.
        let Some(_slow) = arena::enter_slow_path() else { return &REENTRANT };
        let labels: Vec<(&str, &str)> = self.keys.into_iter().zip(values).collect();
        let kept = match self.make(&labels, true) {
            Ok(parts) => {
                let row = Row::new(N, values.iter().copied());
                self.table.insert(&row, parts).map(Entry::holder)
            }
            Err(Refused::Full) => None,
            // Nothing is remembered of texts that no label can have.
            Err(Refused::Invalid) => return &INVALID,
        };
        // One for all, since the number of labels that find no place has no bound. It keeps what the
        // program's text bounds: the function, literal labels, the outcome.
        kept.unwrap_or_else(|| {
            self.overflow.get_or_init(|| Box::new(self.uncapped(&[Labels::OVERFLOW])))
        })
    }

    /// The parts of calls whose labels the program's text bounds.
    fn uncapped(&self, labels: &[(&str, &str)]) -> Parts {
        self.make(labels, false).unwrap_or(Parts::dropping(Reason::NoRoom))
    }

    /// The parts of a call with these labels. Of which most series are needed is asked for first, and the
    /// first that is full ends the asking: no series is registered that no call will use.
    fn make(&self, labels: &[(&str, &str)], capped: bool) -> Result<Parts, Refused> {
        let about = (self.about)();
        if Labels::new(labels).is_err() {
            // The registry notes why.
            let _ = about.durations(labels, capped, &self.full);
            return Err(Refused::Invalid);
        }
        let place = |series: Found| match series {
            // What is not capped may ask for the overflow series itself.
            Ok(series) if capped && series.labels().is_overflow() => {
                self.full.set(series.family());
                Err(Refused::Full)
            }
            series => Ok(series),
        };
        let ask = |kind, name, description, more: Option<(&str, &str)>| {
            let labels: Vec<(&str, &str)> = labels.iter().copied().chain(more).collect();
            place(about.beside(kind, name, description, &labels, capped, &self.full))
        };
        let mut parts = Parts::dropping(Reason::Invalid);
        if about.extras.outcomes {
            let (name, description) = ("function_outcomes_total", "How calls of functions ended.");
            for outcome in Outcome::ALL {
                if !matches!(outcome, Outcome::Cancelled) || about.extras.cancellations {
                    let label = ("outcome", outcome.as_str());
                    parts.outcomes[outcome as usize] =
                        cell(ask(Kind::Counter, name, description, Some(label))?);
                }
            }
        }
        if about.extras.calls {
            let description = "Calls of functions of which some are timed.";
            parts.calls = cell(ask(Kind::Counter, "function_calls_total", description, None)?);
        }
        if about.extras.in_flight {
            let description = "Calls of functions that have begun and not ended.";
            parts.in_flight = cell(ask(Kind::Gauge, "function_in_flight", description, None)?);
        }
        if about.extras.busy {
            let description = "Time that async functions spent in their polls.";
            parts.busy =
                distribution(ask(Kind::Timer, "function_busy_seconds", description, None)?);
            let description = "Polls of the futures of async functions.";
            parts.polls = cell(ask(Kind::Counter, "function_polls_total", description, None)?);
        }
        parts.durations = distribution(place(about.durations(labels, capped, &self.full))?);
        Ok(parts)
    }
}

/// What the registry answers.
type Found = Result<&'static Series, Reason>;

/// Why a call with these labels has no parts of its own.
enum Refused {
    /// One of its series found no place.
    Full,
    /// The labels break their rules.
    Invalid,
}

impl Parts {
    const fn dropping(reason: Reason) -> Parts {
        Parts {
            durations: DistributionSlot::dropping(reason),
            calls: CellSlot::dropping(reason),
            in_flight: CellSlot::dropping(reason),
            outcomes: [
                CellSlot::dropping(reason),
                CellSlot::dropping(reason),
                CellSlot::dropping(reason),
                CellSlot::dropping(reason),
            ],
            busy: DistributionSlot::dropping(reason),
            polls: CellSlot::dropping(reason),
        }
    }

    /// Times a call.
    #[inline(always)]
    pub fn start(&'static self) -> TimerGuard {
        Timer::new(&self.durations).start()
    }

    /// Times a call of an async function, which may move between threads.
    #[inline(always)]
    pub fn start_detached(&'static self) -> DetachedGuard {
        Timer::new(&self.durations).start_detached()
    }

    /// Counts a call, and times one in `every` of a thread's.
    #[inline(always)]
    pub fn start_sampled(&'static self, every: u32) -> Sampled<TimerGuard> {
        Sampled::of(self.counts_to(every).then(|| self.start()))
    }

    /// Counts a call of an async function, and times one in `every` of a thread's.
    #[inline(always)]
    pub fn start_sampled_detached(&'static self, every: u32) -> Sampled<DetachedGuard> {
        Sampled::of(self.counts_to(every).then(|| self.start_detached()))
    }

    #[inline(always)]
    fn counts_to(&'static self, every: u32) -> bool {
        Counter::new(&self.calls).increment_and_tell(every)
    }

    /// Counts a call that has begun, until the guard is dropped.
    #[inline(always)]
    pub fn enter(&'static self) -> InFlight {
        InFlight::begin(Gauge::new(&self.in_flight))
    }

    /// Counts how a call ends that `timing` times, which then records those only that return a value.
    #[inline(always)]
    pub fn call<T: Timing>(&'static self, timing: T) -> Call<T> {
        Call::begin(self, timing)
    }

    /// Watches the future of a call.
    pub fn future(&'static self) -> Watch {
        Watch::of(self)
    }

    #[inline]
    pub(super) fn ended(&'static self, outcome: Outcome) {
        Counter::new(&self.outcomes[outcome as usize]).increment(1);
    }

    pub(super) fn polled(&'static self) {
        Counter::new(&self.polls).increment(1);
    }

    pub(super) fn was_busy(&'static self, ticks: u64, own: u64) {
        Timer::new(&self.busy).record_ticks(ticks, own);
    }
}

/// The slot of a counter's or a gauge's series.
fn cell(series: Found) -> CellSlot {
    let slot = series.and_then(|series| series.cell().ok_or(Reason::Conflict)?.resolve());
    slot.map_or_else(CellSlot::dropping, CellSlot::resolved)
}

/// The slot of a timer's series.
fn distribution(series: Found) -> DistributionSlot {
    let slot = series.and_then(|series| series.distribution().ok_or(Reason::Conflict)?.resolve());
    slot.map_or_else(DistributionSlot::dropping, DistributionSlot::resolved)
}
