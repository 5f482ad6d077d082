//! Batches, in turns, and the processor time that all threads of the process took for them.

use crate::case::{Case, Column, Format, Peer};

/// How long to measure.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    rounds: usize,
    /// The least processor time of a batch, in nanoseconds.
    batch: u64,
}

impl Effort {
    pub const FULL: Effort = Effort { rounds: 25, batch: 10_000_000 };
    pub const QUICK: Effort = Effort { rounds: 3, batch: 1_000_000 };
}

/// Of how many series an exposition is written.
pub const SERIES: [usize; 2] = [1_000, 10_000];

/// Nanoseconds of each peer's columns; None where the peer has no such thing.
pub type Recording = Vec<[Option<f64>; Column::ALL.len()]>;

/// Nanoseconds for one series, of each peer's exposition, for each format and number of series.
pub type Texts = Vec<[Option<f64>; FIGURES]>;

/// Formats, each with both numbers of series.
const FIGURES: usize = Format::ALL.len() * SERIES.len();

/// What one operation takes, in all peers and columns, the least of the rounds.
pub fn recording(peers: &[Peer], threads: usize, effort: Effort) -> Recording {
    let calls: Vec<Vec<u64>> = peers
        .iter()
        .map(|peer| peer.cases.iter().map(|case| enough(case, threads, effort.batch)).collect())
        .collect();
    let mut least = vec![[None::<f64>; Column::ALL.len()]; peers.len()];
    for _ in 0..effort.rounds {
        for ((peer, calls), least) in peers.iter().zip(&calls).zip(&mut least) {
            for (case, &calls) in peer.cases.iter().zip(calls) {
                let took = batch(case, threads, calls) as f64 / (calls * threads as u64) as f64;
                let least = &mut least[case.column as usize];
                *least = Some(least.map_or(took, |least| least.min(took)));
            }
        }
    }
    least
}

/// How many calls make a batch of at least that much processor time.
fn enough(case: &Case, threads: usize, least: u64) -> u64 {
    let mut calls = 1_000;
    while batch(case, threads, calls) < least {
        calls *= 2;
    }
    calls
}

fn batch(case: &Case, threads: usize, calls: u64) -> u64 {
    processor_time(|| case.run(threads, calls))
}

/// What one series of a body takes, the least of the rounds; the first body of a size is not counted.
pub fn expositions(peers: &[Peer], effort: Effort) -> Texts {
    let mut least = vec![[None::<f64>; FIGURES]; peers.len()];
    for (size, &series) in SERIES.iter().enumerate() {
        for round in 0..=effort.rounds {
            for (peer, least) in peers.iter().zip(&mut least) {
                let Some(exposition) = &peer.exposition else { continue };
                (exposition.grow)(series);
                for (format, render) in &exposition.bodies {
                    let mut body = Vec::new();
                    let took = processor_time(|| body = render()) as f64 / series as f64;
                    check_body(peer, *format, &body, series);
                    if round > 0 {
                        let least = &mut least[*format as usize * SERIES.len() + size];
                        *least = Some(least.map_or(took, |least| least.min(took)));
                    }
                }
            }
        }
    }
    least
}

/// It has so many series; of a binary one, as many labels.
fn check_body(peer: &Peer, format: Format, body: &[u8], series: usize) {
    let found = match format {
        Format::Text | Format::OpenMetrics => {
            let lines = body.split(|byte| *byte == b'\n');
            lines.filter(|line| line.starts_with(b"requests_")).count()
        }
        Format::Protobuf => body.windows(11).filter(|part| *part == b"/some/path/").count(),
    };
    assert_eq!(found, series, "series of {} in {}", peer.title, format.title());
}

/// Whether all that was recorded is there.
pub fn check(peers: &[Peer]) -> Result<(), String> {
    for peer in peers {
        for case in &peer.cases {
            let (recorded, expected) = case.recorded_and_expected();
            if recorded != expected {
                let column = case.column.title();
                return Err(format!("{}, {column}: {recorded} instead of {expected}", peer.title));
            }
        }
    }
    Ok(())
}

/// Nanoseconds that all threads of the process together were on a processor.
fn processor_time(work: impl FnOnce()) -> u64 {
    let start = processor_clock();
    work();
    processor_clock() - start
}

fn processor_clock() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes one `timespec`, which is there.
    let result = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &mut time) };
    assert_eq!(result, 0, "no clock of the process' processor time");
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}
