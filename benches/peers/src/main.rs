//! What recording costs with other crates and with this one: `cargo run --release`, here.
//!
//! Prints three Markdown tables: nanoseconds of processor time for one operation, with one thread and with
//! two that record into the same metric, and for one series of a body. All crates take turns in one process; the least of all rounds
//! counts. `--quick` takes few and short ones. Whatever was recorded is read back, and compared.

mod case;
mod input;
#[path = "../../support/machine.rs"]
mod machine;
mod measure;
mod peers;
mod table;
mod versions;

use std::process::ExitCode;

use crate::measure::Effort;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let effort = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => Effort::FULL,
        ["--quick"] => Effort::QUICK,
        _ => {
            eprintln!("unknown arguments {arguments:?}; there is only --quick");
            return ExitCode::from(2);
        }
    };
    let peers = peers::all();
    let [one, two] = [1, 2].map(|threads| measure::recording(&peers, threads, effort));
    let texts = measure::expositions(&peers, effort);
    if let Err(lost) = measure::check(&peers) {
        eprintln!("{lost}");
        return ExitCode::FAILURE;
    }

    println!("Processor time in ns, on {}.\n", machine::describe());
    println!("One thread:\n\n{}", table::recording(&peers, &one));
    println!("Two threads at once, into the same metric:\n\n{}", table::recording(&peers, &two));
    println!("A body, for one counter of it:\n\n{}", table::expositions(&peers, &texts));
    println!("With {}.", versions::named(&peers));
    ExitCode::SUCCESS
}
