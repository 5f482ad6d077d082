//! How many instructions recording takes: `cargo bench --bench instructions`.
//!
//! Nanoseconds wander with the machine, instructions do not. Each path is called so many times by a
//! program that runs under valgrind's callgrind, then twice as many times; the difference, divided by
//! the calls, is what one call executes, its `ret` and everything it calls included. What it should be
//! stands in `recorded.txt`; a path that takes more than two instructions more, or a thirtieth, is an error, and
//! `TACHOGRAPH_RECORD=1` writes the file anew. Without valgrind nothing is counted, and said so. The
//! counter's assembly is shown beside.
//!
//! The counts are those of one compiler and one processor architecture, which the file names.

mod assembly;
mod callgrind;
mod paths;
mod recorded;

use std::process::ExitCode;

use paths::PATHS;
use recorded::Recorded;

/// By how much a path may grow before that is an error: two instructions, and of long ones this part. Those go through tables
/// whose hashes begin with an address, so that it is chance whether two texts meet in one place: a step more is 30 instructions.
const TOLERANCE: u64 = 2;
const TOLERANCE_PART: u64 = 30;

fn tolerance(before: u64) -> u64 {
    TOLERANCE.max(before / TOLERANCE_PART)
}

fn main() -> ExitCode {
    // A child under valgrind is told what to do.
    let mut arguments = std::env::args().skip(1).skip_while(|argument| argument != callgrind::CALL);
    if let (Some(_), Some(name), Some(times)) =
        (arguments.next(), arguments.next(), arguments.next())
    {
        paths::call(&name, times.parse().expect("a number of calls"));
        return ExitCode::SUCCESS;
    }
    match callgrind::version() {
        Some(version) => println!("{version}, {}\n", recorded::built_for()),
        None => {
            println!("instructions: not counted, since valgrind cannot be run here");
            return ExitCode::SUCCESS;
        }
    }
    let recorded = match Recorded::read() {
        Ok(recorded) => recorded,
        Err(why) => {
            eprintln!("instructions: {why}");
            return ExitCode::FAILURE;
        }
    };
    match measure(&recorded) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("instructions: {why}");
            ExitCode::FAILURE
        }
    }
}

fn measure(recorded: &Recorded) -> Result<(), String> {
    // All but the `ret` of an empty function is the loop around the calls.
    let around = callgrind::count(paths::NOTHING)? - 1;
    let mut counted = Vec::new();
    let mut grown = 0;
    println!("{:<36}{:>12}{:>10}", "one call of", "instructions", "recorded");
    for path in PATHS {
        let count = callgrind::count(path.name).map_err(|why| format!("{}: {why}", path.name))?;
        let count = count - around;
        let before = recorded.of(path.name);
        let remark = match before {
            Some(before) if count > before + tolerance(before) => {
                grown += 1;
                "  grown"
            }
            Some(before) if count + tolerance(before) < before => "  shrunk: record it",
            Some(_) => "",
            None => {
                grown += 1;
                "  not recorded"
            }
        };
        let before = before.map_or("–".to_owned(), |before| before.to_string());
        println!("{:<36}{count:>12}{before:>10}{remark}", path.name);
        counted.push((path.name, count));
    }
    match assembly::of_counter() {
        Ok(instructions) => println!("\nThe counter:\n    {}\n", instructions.join("\n    ")),
        Err(why) => println!("\nThe counter's assembly cannot be shown: {why}\n"),
    }
    if std::env::var_os("TACHOGRAPH_RECORD").is_some() {
        return recorded::write(&counted);
    }
    if grown == 0 {
        return Ok(());
    }
    Err(format!(
        "{grown} of {} paths take more instructions than {} says, and not only by chance; where that is meant, \
         record it with TACHOGRAPH_RECORD=1",
        PATHS.len(),
        recorded::FILE
    ))
}
