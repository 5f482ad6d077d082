//! Indexes the text files of a directory and answers a few queries: a real job, instrumented as a
//! user of `tachograph` would do it.
//!
//! ```text
//! cargo run --release --example index -- [PATH] [--serve] [--query WORDS...]
//! ```
//!
//! The answers go to stdout and depend on the files alone, never on how the threads happened to
//! run. What the job cost goes to stderr when `main` ends: every stage is a `#[timed]` function,
//! and counters, gauges and histograms stand where the work is done, the innermost loop included.
//!
//! With `--serve` the job begins anew a second after it was done, until it is interrupted, and its live page
//! is at <http://127.0.0.1:9464/>.

mod index;
mod metrics;
mod progress;
mod query;
mod report;
mod request;
mod text;
mod walk;
mod work;

use std::env;
use std::io;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use tachograph::{Dump, History, Recording};
use tachograph_export::Serve;

use crate::request::Request;

fn main() -> ExitCode {
    let request = match Request::from_arguments(env::args_os().skip(1)) {
        Ok(request) => request,
        Err(message) => return failure(&message),
    };
    if request.help {
        println!("{}", request::USAGE);
        return ExitCode::SUCCESS;
    }
    // Before the recording starts: a job that cannot begin says so in one line, and dumps nothing.
    if let Err(message) = walk::check(&request.root) {
        return failure(&message);
    }

    let init = tachograph::init().dump_on_exit(Dump::table());
    let recording = match &request.serve {
        Some(_) => init.history(History::builder()).on_signals().start(),
        None => init.start(),
    };
    if let Err(error) = metrics::describe() {
        return failure(&error.to_string());
    }
    let answered = match &request.serve {
        Some(address) => match serve(&recording, &request, address) {
            Ok(answered) => answered,
            Err(error) => return failure(&error.to_string()),
        },
        None => run(&request),
    };
    match answered {
        // A reader that has seen enough, such as `head`, is no failure.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            failure(&format!("cannot write the answers: {error}"))
        }
        _ => ExitCode::SUCCESS,
    }
}

/// Runs again and again, and shows how it goes.
fn serve(
    recording: &Recording,
    request: &Request,
    address: &str,
) -> Result<io::Result<()>, tachograph_export::Error> {
    let _server = recording.serve(address)?;
    loop {
        if let Err(error) = run(request) {
            return Ok(Err(error));
        }
        thread::sleep(Duration::from_secs(1));
    }
}

fn run(request: &Request) -> io::Result<()> {
    let walk::Walk { files, unreadable } = walk::walk(&request.root);

    let bar = progress::bar(files.len());
    let parts = work::index_files(&files, &bar);
    bar.finish_and_clear();

    let mut harvest = work::merge(parts);
    harvest.unreadable.extend(unreadable);
    report::warn_of_unreadable(&mut harvest.unreadable);
    report::write(&mut io::stdout().lock(), request, &files, &harvest)
}

fn failure(message: &str) -> ExitCode {
    eprintln!("index: {message}");
    ExitCode::FAILURE
}
