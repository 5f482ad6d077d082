//! How cost grows: `cargo bench --bench growth`.
//!
//! Each row is measured in a process of its own, since what a process has recorded stays in it. Beside
//! each figure stands its ratio to the one before and, in brackets, how much more there was to do: a
//! cost that grows in proportion has the same number twice. Figures are the least of several rounds.

mod costs;
#[path = "../support/machine.rs"]
mod machine;
mod memory;
mod rows;

use std::process::{Command, ExitCode, Stdio};

use rows::{ROWS, Row};

/// The argument that tells a child to measure a row, before the row's number.
const MEASURE: &str = "--measure";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).skip_while(|argument| argument != MEASURE);
    if let (Some(_), Some(number)) = (arguments.next(), arguments.next()) {
        let number: usize = number.parse().expect("the number of a row");
        println!("{}", (ROWS[number].measure)());
        return ExitCode::SUCCESS;
    }
    println!("{}\n", machine::describe());
    println!("{:<76}to the one before", "");
    let mut before: Option<(&Row, f64)> = None;
    for (number, row) in ROWS.iter().enumerate() {
        let figure = match child(number) {
            Ok(figure) => figure,
            Err(why) => {
                eprintln!("growth: {}: {why}", row.name);
                return ExitCode::FAILURE;
            }
        };
        let mut line = format!("{:<62}{:>12}", row.name, row.unit.show(figure));
        match before.filter(|(before, _)| before.series == row.series) {
            Some((smaller, was)) if row.size > smaller.size => {
                let more = row.size / smaller.size;
                line.push_str(&format!("{:>9.2}x ({}x)", figure / was, more));
            }
            _ => {}
        }
        println!("{line}");
        before = Some((row, figure));
    }
    ExitCode::SUCCESS
}

/// What a process that does nothing else measures.
fn child(number: usize) -> Result<f64, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let told = Command::new(program)
        .args([MEASURE, &number.to_string()])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&told.stdout);
    if !told.status.success() {
        return Err(format!("it ended with {}", told.status));
    }
    said.trim().parse().map_err(|_| format!("it said `{said}`"))
}
