//! All series at once, in a window and over time: what a page or a terminal shows of a program.
//!
//! The arena is read once, and the time line is cut into parts once, for all series. A course adds up counts and sums of
//! entries, and puts no distribution together.

use std::time::{Duration, SystemTime};

use crate::arena::{Reading, Request};
use crate::history::History;
use crate::history::axis::{Step, nanos_of};
use crate::history::gather::{Asked, window_of_slots};
use crate::history::grid::Grid;
use crate::history::levels::Levels;
use crate::history::metric::Metric;
use crate::history::ring::{Cover, Prefer};
use crate::history::spread::Added;
use crate::history::state::{State, Untracked};
use crate::history::track::{Track, level};
use crate::history::window::Window;
use crate::snapshot::{Found, Overhead, Recorded};

/// All series of a registry: what each did in a window that ends now, and in the parts of it.
///
/// # Examples
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use tachograph::{History, Registry};
///
/// let registry = Registry::new();
/// let jobs = registry.counter("jobs_total", &[])?;
/// let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
/// let history = History::builder().registry(&registry).clock(move || start).build()?;
/// for second in 1..=60 {
///     jobs.increment(if second > 40 { 3 } else { 1 });
///     history.tick(start + Duration::from_secs(second));
/// }
///
/// let survey = history.survey(Duration::from_secs(60), 6);
/// let jobs = &survey.series()[0];
/// assert_eq!((jobs.metric().name(), jobs.count()), ("jobs_total", Some(100)));
/// assert_eq!(jobs.window().unwrap().rate(), Some(100.0 / 60.0));
/// assert_eq!(survey.grid().length(), Duration::from_secs(10));
/// assert_eq!(jobs.rates(), [1.0, 1.0, 1.0, 1.0, 3.0, 3.0].map(Some));
/// # Ok::<(), tachograph::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Survey {
    at: SystemTime,
    grid: Grid,
    series: Vec<Surveyed>,
    overhead: Overhead,
}

impl Survey {
    /// When it was asked for, by the history's clock.
    pub fn at(&self) -> SystemTime {
        self.at
    }

    /// The parts that the courses are of.
    pub fn grid(&self) -> Grid {
        self.grid
    }

    /// Every series, in the order of names and then of labels; those that are idle or removed are left out.
    pub fn series(&self) -> &[Surveyed] {
        &self.series
    }

    /// What recording cost the process, since it began.
    pub fn overhead(&self) -> &Overhead {
        &self.overhead
    }
}

/// One series of a [`Survey`].
#[derive(Debug, Clone)]
pub struct Surveyed {
    metric: Metric,
    count: Option<u64>,
    level: Option<f64>,
    window: Option<Window>,
    rates: Vec<Option<f64>>,
    means: Vec<Option<f64>>,
}

impl Surveyed {
    /// What it is.
    pub fn metric(&self) -> &Metric {
        &self.metric
    }

    /// How many values were ever recorded, or a counter or rate counted; `None` of a gauge.
    pub fn count(&self) -> Option<u64> {
        self.count
    }

    /// The value of a gauge; `None` where it has none, and of other kinds.
    pub fn level(&self) -> Option<f64> {
        self.level
    }

    /// What it did in the window; `None` where nothing is known of that. The rates that a counter's extremes and quantiles are of
    /// are over ten seconds or a minute here, where the history has those.
    pub fn window(&self) -> Option<&Window> {
        self.window.as_ref()
    }

    /// How fast it went in each part, per second: of a counter or rate its increase, of a distribution how many values
    /// came. `None` where nothing is known of a part. Empty of a gauge.
    pub fn rates(&self) -> &[Option<f64>] {
        &self.rates
    }

    /// The mean of the values in each part: of a gauge of what ticks saw, of a distribution of what was recorded, in its
    /// unit. `None` where there were none. Empty of a counter or rate.
    pub fn means(&self) -> &[Option<f64>] {
        &self.means
    }
}

impl History {
    /// All series in a window that ends now, each as a whole and in at most `parts` [parts](Grid), one more where the window
    /// touches it; without parts for 0. It is one look: all that it says is of one moment.
    pub fn survey(&self, span: Duration, parts: usize) -> Survey {
        let state = self.lock();
        let now = state.now(self.clock());
        let asked = Asked::until_now(now, nanos_of(span));
        let (grid, parts) = Grid::new(&state, nanos_of(span), parts, now);
        let stretches: Vec<Stretch> = parts.iter().map(|part| Stretch::new(&state, part)).collect();
        let all = self.shared.registry.read_all();
        let present = all.into_iter().filter(|present| !present.is_out);
        let series = present.map(|present| {
            let metric = Metric::new(self.clone(), present.series);
            match state.track(present.series.number()) {
                Ok(track) => surveyed(&state, track, &present, metric, asked, &stretches),
                Err(Untracked::New) => {
                    let track = state.track_of_new(&present);
                    surveyed(&state, &track, &present, metric, asked, &stretches)
                }
                Err(Untracked::Refused) => Surveyed {
                    metric,
                    count: count_of(&present),
                    level: level(&present),
                    window: None,
                    rates: Vec::new(),
                    means: Vec::new(),
                },
            }
        });
        let series: Vec<Surveyed> = series.collect();
        let at = state.axis.time(now.at);
        drop(state);
        let mut recorded = Recorded::of(series.len());
        series.iter().for_each(|one| recorded.add(one.metric.kind(), one.count.unwrap_or(0)));
        let overhead = self.shared.registry.overhead_of(recorded);
        Survey { series, at, grid, overhead }
    }
}

/// A part on the time line, the same for all series.
struct Stretch {
    cover: Cover,
    /// What lies between the last tick and now, where it reaches up to now.
    live: Option<Step>,
}

impl Stretch {
    fn new(state: &State, part: &Asked) -> Stretch {
        let until = part.until.unwrap_or_else(|| state.line.last());
        // What is added up is the same in all rings.
        let cover = state.line.cover(part.after, until, Prefer::Coarse);
        let live = part.until.is_none().then(|| state.axis.step_to(part.now.at));
        Stretch { cover, live }
    }

    /// For how many seconds a series was watched in it; None where it was not.
    fn seconds(&self, state: &State, track: &Track) -> Option<f64> {
        let Cover { after, to, covered, .. } = self.cover;
        let since = track.since.at;
        let whole = covered + self.live.map_or(0, |step| step.covered);
        let covered = if since <= after {
            whole
        } else if since > to {
            0
        } else {
            whole.saturating_sub(state.line.watched_until(after, track.since))
        };
        (covered > 0).then(|| covered as f64 / 1e9)
    }
}

fn surveyed(
    state: &State,
    track: &Track,
    present: &Found,
    metric: Metric,
    asked: Asked,
    stretches: &[Stretch],
) -> Surveyed {
    let (mut rates, mut means) = (Vec::new(), Vec::new());
    match &present.reading {
        Reading::Gauge(_) => {
            means.extend(stretches.iter().map(|one| mean(state, track, present, one)))
        }
        reading => {
            let is_counter = matches!(reading, Reading::Counter(_));
            for stretch in stretches {
                let mut added = Added::default();
                stretch.cover.runs.iter().for_each(|run| track.add_up(run, &mut added));
                if stretch.live.is_some() {
                    track.add_up_since(present, &mut added);
                }
                let seconds = stretch.seconds(state, track);
                rates.push(seconds.map(|seconds| added.count as f64 / seconds));
                if !is_counter {
                    let sum = match present.series.request() {
                        Request::Timer(distribution) => distribution.value_of(added.ticks),
                        _ => added.sum,
                    };
                    let mean = (added.count > 0).then(|| sum / added.count as f64);
                    means.push(mean.filter(|_| seconds.is_some()));
                }
            }
        }
    }
    Surveyed {
        metric,
        count: count_of(present),
        level: level(present),
        window: window_of_slots(state, track, present, asked, Prefer::Coarse),
        rates,
        means,
    }
}

/// The mean of a gauge in a part: the moment counts as one tick, unless the last tick is the moment and saw the same.
fn mean(state: &State, track: &Track, present: &Found, stretch: &Stretch) -> Option<f64> {
    let (mut levels, mut end) = (Levels::default(), None);
    for run in &stretch.cover.runs {
        end = track.gather_levels(run, &state.line, &mut levels).and_then(|edges| edges.after);
    }
    if let (Some(step), Some(value)) = (stretch.live, level(present)) {
        if step.to > step.after || end != Some(value) {
            levels.add(value, 1);
        }
    }
    (levels.ticks > 0).then(|| levels.mean())
}

fn count_of(present: &Found) -> Option<u64> {
    match &present.reading {
        Reading::Counter(total) => Some(*total),
        Reading::Gauge(_) => None,
        Reading::Histogram(tally) | Reading::Timer(tally) => {
            Some(tally.counts.iter().fold(0, |sum: u64, count| sum.saturating_add(*count)))
        }
    }
}
