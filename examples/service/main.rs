//! A service without an async runtime: a store of texts that clients ask over TCP, with its metrics beside it.
//!
//! ```text
//! cargo run --release --example service -- [SECONDS] [ADDRESS]
//! ```
//!
//! It has a few clients of its own, so that there is something to be seen, and ends after so many seconds (for ever where
//! that is 0, which is the default). Meanwhile its metrics are at <http://127.0.0.1:9464/metrics>, or at `ADDRESS`, and
//! for people at <http://127.0.0.1:9464/>. All that this takes is the one line in `run` that says `serve`.

mod clients;
mod overload;
mod protocol;
mod store;

use std::error::Error;
use std::net::TcpListener;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tachograph::{Dump, History};
use tachograph_export::Serve;

use crate::store::Store;

const CLIENTS: usize = 4;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("service: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let seconds = arguments.next().unwrap_or_else(|| "0".to_owned());
    let seconds: u64 = seconds.parse().map_err(|_| {
        format!("`{seconds}` is no number of seconds: give one, and then an address")
    })?;
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:9464".to_owned());

    let recording = tachograph::init()
        .history(History::builder())
        .dump_on_exit(Dump::table().limit(12))
        .start();
    let _server = recording.serve(&address)?;
    let system = tachograph::SystemMetrics::builder().start()?;

    let store = Arc::new(Store::default());
    let overload = Arc::new(overload::trigger(tachograph::registry())?);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let service = listener.local_addr()?;
    thread::spawn(move || protocol::serve(&listener, &store, &overload));
    for number in 0..CLIENTS {
        thread::spawn(move || clients::run(service, number));
    }
    match seconds {
        0 => loop {
            thread::park();
        },
        seconds => thread::sleep(Duration::from_secs(seconds)),
    }
    // So that the table has the process as it was at the end.
    system.collect();
    Ok(())
}
