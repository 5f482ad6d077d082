//! A batch job: watched while it runs, and read by Prometheus after it has ended.
//!
//! ```text
//! cargo run --release --example batch_job -- [FOLDER]
//! ```
//!
//! A job may be over before anybody scrapes it. So it leaves its metrics in `FOLDER/batch_job.prom` (default: the system's
//! folder for temporary files), written once and as a whole, for the text file collector of node_exporter. While it runs
//! they are served, too, at a port that is free.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use tachograph::{Dump, counter, gauge, histogram, timed};
use tachograph_export::Endpoint;

const RECORDS: u64 = 200_000;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("batch_job: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let left = folder.join("batch_job.prom");
    let recording = tachograph::init()
        .dump_on_exit(Dump::table())
        .dump_on_exit(Dump::prometheus().to_file(&left))
        .on_signals()
        .start();
    // Several of them may run at once, so the port is whichever is free.
    let server = Endpoint::new().quiet(true).serve(&recording, "127.0.0.1:0")?;
    if let Some(address) = server.address() {
        println!("watch it at http://{address}/");
    }

    let valid = (0..RECORDS).filter(|number| check(&record(*number)).is_ok()).count();
    println!("{valid} of {RECORDS} records are valid; the metrics stay in {}", left.display());
    gauge!("batch_last_success_timestamp_seconds").set(now()?);
    Ok(())
}

/// A line of input.
#[timed(sample = 64)]
fn record(number: u64) -> String {
    let amount = number.wrapping_mul(2_654_435_761) % 100_000;
    if number % 97 == 0 { format!("{number};") } else { format!("{number};{amount}") }
}

#[timed(sample = 64)]
fn check(line: &str) -> Result<u64, std::num::ParseIntError> {
    counter!("batch_records_total").increment(1);
    histogram!("batch_record_bytes").record(line.len());
    let amount = line.rsplit(';').next().unwrap_or("").parse();
    if amount.is_err() {
        counter!("batch_invalid_records_total").increment(1);
    }
    amount
}

fn now() -> Result<f64, std::time::SystemTimeError> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    Ok(since.as_secs_f64())
}
