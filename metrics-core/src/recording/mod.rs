//! `init()`: what a program asks for beyond recording itself, and the guard that holds it.
//!
//! Recording needs none of this. A bare `init().start()` starts no thread, installs no hook, opens
//! nothing and prints nothing; each of those comes with the call that needs it. This is the only floor that does any
//! such thing, but for the threads of collectors, of triggers and of `system`, where these are asked for.

mod destination;
mod dump;
mod environment;
mod exit;
mod report;
mod settings;
#[cfg(unix)]
mod signals;

use std::io::{self, Write};
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

pub use dump::Dump;
pub use report::Report;

use crate::clock;
use crate::encode::Format;
use crate::history::{History, HistoryBuilder};
use crate::registry::{Wishes, registry};
use crate::snapshot::Snapshot;
use crate::ticker::Ticker;

/// A guard that lived less than this, and saw nothing, was most likely dropped by mistake.
const SUSPICIOUS: Duration = Duration::from_millis(1);

/// Begins to configure what happens beside recording.
///
/// # Examples
///
/// ```
/// use tachograph::{Dump, counter};
///
/// let _recording = tachograph::init().dump_on_exit(Dump::table()).start();
/// counter!("lines_total").increment(1);
/// // the table is written to standard error when `_recording` is dropped
/// # std::thread::sleep(std::time::Duration::from_millis(2));
/// ```
pub fn init() -> Init {
    Init {
        dumps: Vec::new(),
        on_signals: false,
        env_prefix: Some("TACHOGRAPH".to_owned()),
        history: None,
        wishes: Wishes::default(),
    }
}

/// What shall happen beside recording. Nothing does before [`start`](Init::start).
#[derive(Debug, Clone)]
#[must_use = "nothing happens before `.start()`"]
pub struct Init {
    dumps: Vec<Dump>,
    on_signals: bool,
    /// None: the environment is not listened to.
    env_prefix: Option<String>,
    history: Option<HistoryBuilder>,
    /// Of the global registry.
    wishes: Wishes,
}

impl Init {
    /// Writes the global registry when the run ends, once. May be given several times.
    ///
    /// It is written when the guard is dropped: at the end of `main`, at an early return, or while a
    /// panic unwinds. Only because a dump is configured, it is also written
    ///
    /// * on `std::process::exit`, by an `atexit` handler, on Unix (elsewhere nothing can be run
    ///   there: drop the guard first),
    /// * from a panic hook where the program is built with `panic = "abort"`; the hook calls the one
    ///   that was there before.
    ///
    /// An abort without a panic and `SIGKILL` write nothing. A forked child never writes its
    /// parent's dumps. A dump that cannot be written is one line on standard error; it never panics,
    /// and never changes the exit code.
    pub fn dump_on_exit(mut self, dump: Dump) -> Init {
        self.dumps.push(dump);
        self
    }

    /// Also writes the dumps on SIGINT and SIGTERM, from a thread of its own, and then lets the
    /// signal do what it would have done. A signal that is ignored stays so. Only on Unix; elsewhere
    /// it changes nothing.
    pub fn on_signals(mut self) -> Init {
        self.on_signals = true;
        self
    }

    /// Keeps the past: what was recorded in the last minute, the last hour, in any window up to the
    /// [retention](HistoryBuilder::retention). [`Recording::history`] answers for it.
    ///
    /// It is ticked once in an [interval](HistoryBuilder::interval) by a thread of its own, `tachograph-history`, until the guard is
    /// dropped; recording costs what it costs without it. Tables of runs over a minute show the last minute beside the whole run.
    /// Settings out of range are replaced by the nearest that are possible, and told on standard error. Where no thread can be had,
    /// that is told, too, and nobody ticks.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use tachograph::{History, counter};
    ///
    /// let recording = tachograph::init().history(History::builder()).start();
    /// counter!("jobs_total").increment(3);
    ///
    /// let minute = recording.history().unwrap().over(Duration::from_secs(60));
    /// assert_eq!(minute.counter("jobs_total", &[]), Some(3));
    /// ```
    pub fn history(mut self, history: HistoryBuilder) -> Init {
        self.history = Some(history);
        self
    }

    /// The variable that overrides the dumps is `<prefix>_DUMP`; the default is `TACHOGRAPH_DUMP`.
    ///
    /// Its value is `table`, `json`, `prometheus` or `openmetrics`, then possibly a colon and a path
    /// as for [`Dump::to_file`]; or `off`. It replaces the configured dumps and never adds one where
    /// none is configured. In setuid programs it is ignored.
    pub fn env_prefix(mut self, prefix: &str) -> Init {
        self.env_prefix = Some(prefix.to_owned());
        self
    }

    /// Whether the environment may override the dumps; it may by default.
    pub fn env(mut self, listen: bool) -> Init {
        if !listen {
            self.env_prefix = None;
        }
        self
    }

    /// Starts what was configured, until the guard is dropped.
    #[must_use = "it ends when the guard is dropped; write `let _recording = …`"]
    pub fn start(mut self) -> Recording {
        /// The number of the next guard.
        static NEXT: AtomicU64 = AtomicU64::new(0);
        // The run begins here, not at the first record.
        let _ = registry();
        self.settle();
        self.listen_to_environment();
        let (history, ticker) = self.history.take().map_or((None, None), begin_history);
        let recording = Recording {
            // Relaxed: a number that stands alone.
            guard: NEXT.fetch_add(1, Relaxed),
            dumps: !self.dumps.is_empty(),
            started: clock::steady(),
            series_before: registry().index().len(),
            process: std::process::id(),
            history,
            env_prefix: self.env_prefix,
            _ticker: ticker,
        };
        if recording.dumps {
            exit::plan(recording.guard, self.dumps, recording.history.clone());
            #[cfg(unix)]
            if self.on_signals {
                if let Err(error) = signals::install() {
                    exit::say(&format!("cannot dump on signals: {error}"));
                }
            }
        }
        recording
    }

    fn listen_to_environment(&mut self) {
        let Some(prefix) = self.env_prefix.as_deref().filter(|_| !self.dumps.is_empty()) else {
            return;
        };
        match environment::dump(prefix) {
            environment::Override::None => {}
            environment::Override::Off => self.dumps.clear(),
            environment::Override::Dump(dump) => self.dumps = vec![dump],
            environment::Override::Refused(why) => {
                exit::say(&format!("{why}; the program's own dump is kept"));
            }
        }
    }
}

/// The history, and who ticks it. What is not possible is told, and replaced by what is.
fn begin_history(builder: HistoryBuilder) -> (Option<History>, Option<Ticker>) {
    let (history, refused) = builder.build_nearest();
    if let Some(error) = refused {
        exit::say(&format!("{error}; the nearest is taken"));
    }
    let (ticked, interval) = (history.clone(), history.interval());
    let ticker = Ticker::start("tachograph-history", interval, interval, move || {
        ticked.tick(ticked.clock());
    });
    if let Err(error) = &ticker {
        exit::say(&format!("cannot start the thread that ticks the history: {error}"));
    }
    (Some(history), ticker.ok())
}

/// Ends what [`Init::start`] began when it is dropped.
#[derive(Debug)]
#[must_use = "it ends when it is dropped; write `let _recording = …`"]
pub struct Recording {
    guard: u64,
    dumps: bool,
    started: Duration,
    /// How many series there were.
    series_before: usize,
    /// A forked child holds a copy of the guard, but the run is its parent's.
    process: u32,
    history: Option<History>,
    /// None: the environment is not listened to.
    env_prefix: Option<String>,
    /// Ticks until the guard has written the dumps.
    _ticker: Option<Ticker>,
}

impl Recording {
    /// Everything that was recorded so far: [`Registry::snapshot`](crate::Registry::snapshot) of the
    /// global registry, for which all [collectors](crate::Registry::add_collector) run.
    pub fn snapshot(&self) -> Snapshot {
        // What failed is counted in the snapshot.
        let _ = registry().collect_all();
        registry().snapshot()
    }

    /// The past of the global registry, where [`Init::history`] asked for it. A clone of it answers also when the guard is
    /// dropped, and is ticked no more then.
    pub fn history(&self) -> Option<&History> {
        self.history.as_ref()
    }

    /// The name of the environment variable that may override what a program asked for: `<prefix>_<what>`, `TACHOGRAPH_LISTEN`
    /// for `LISTEN`. None where the environment is not to be listened to: by [`Init::env`], or in a setuid program.
    ///
    /// For crates that build on a recording, so that a program's [prefix](Init::env_prefix) holds for them, too.
    ///
    /// # Examples
    ///
    /// ```
    /// let recording = tachograph::init().env_prefix("MYTOOL").start();
    /// assert_eq!(recording.variable("LISTEN").as_deref(), Some("MYTOOL_LISTEN"));
    /// assert_eq!(tachograph::init().env(false).start().variable("LISTEN"), None);
    /// ```
    pub fn variable(&self, what: &str) -> Option<String> {
        let prefix = self.env_prefix.as_ref().filter(|_| !environment::is_privileged())?;
        Some(format!("{prefix}_{what}"))
    }

    /// The table of everything so far, for a program that prints it itself.
    pub fn report(&self) -> Report {
        let snapshot = self.snapshot();
        let minute = self.history.as_ref().and_then(|history| last_minute(history, &snapshot));
        Report::new(snapshot, minute)
    }

    /// Writes everything so far in any format.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::Format;
    ///
    /// tachograph::counter!("lines_total").increment(3);
    /// let recording = tachograph::init().start();
    /// let mut body = Vec::new();
    /// recording.write(Format::Prometheus, &mut body)?;
    /// assert!(String::from_utf8_lossy(&body).contains("lines_total 3"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn write(&self, format: Format, writer: &mut impl Write) -> io::Result<()> {
        writer.write_all(self.snapshot().render(format).as_bytes())?;
        writer.flush()
    }
}

/// The last minute of a run, with the means of gauges, where it was longer than that.
fn last_minute(history: &History, run: &Snapshot) -> Option<Snapshot> {
    const MINUTE: Duration = Duration::from_secs(60);
    (run.elapsed() > MINUTE).then(|| history.means_over(MINUTE))
}

impl Drop for Recording {
    fn drop(&mut self) {
        if !self.dumps || self.process != std::process::id() {
            return;
        }
        let lived = clock::steady().saturating_sub(self.started);
        if !std::thread::panicking() {
            // What they set is in the dumps.
            let _ = registry().collect_all();
        }
        exit::finish(self.guard);
        // A short program is no mistake: it has recorded something meanwhile.
        let is_unused = registry().index().len() == self.series_before;
        if lived < SUSPICIOUS && is_unused && !std::thread::panicking() {
            exit::say(&format!("the guard lived {lived:.0?}; write `let _recording = …`"));
        }
    }
}
