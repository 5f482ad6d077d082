//! Histories against what was really recorded, whatever the clock does.
//!
//! `TACHOGRAPH_SOAK=1` makes it several days and more rounds.

#[path = "support/apart.rs"]
mod apart;
#[path = "support/child.rs"]
#[cfg(target_os = "linux")]
mod child;
#[path = "history/clock.rs"]
mod clock;
#[path = "history/clocks.rs"]
mod clocks;
#[path = "history/day.rs"]
mod day;
#[cfg(target_os = "linux")]
#[path = "history/fork.rs"]
mod fork;
#[path = "history/memory.rs"]
mod memory;
#[path = "history/of_the_process.rs"]
mod of_the_process;
#[path = "history/present.rs"]
mod present;
#[path = "support/random.rs"]
mod random;
#[path = "history/resets.rs"]
mod resets;
#[path = "history/survey.rs"]
mod survey;
#[path = "history/threads.rs"]
mod threads;
#[path = "history/ticks.rs"]
mod ticks;
#[path = "history/twin.rs"]
mod twin;
