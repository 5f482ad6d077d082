//! What recording costs, beside what the machine itself asks for: `cargo bench --bench hot_paths`.
//!
//! Every path and every floor runs once in each round, in the same process: in a tight loop, between
//! work, and between stores that miss; with one thread, and while a second one does the same to the
//! same metric. The table shows ratios: what the loop takes with the recording call in it, divided by
//! what the same loop takes with the floor in it. A recording call that could not be cheaper is 1.00x.

mod floors;
mod partner;
mod paths;
mod surroundings;
#[path = "../support/rounds.rs"]
mod rounds;
#[path = "../support/machine.rs"]
mod machine;

use paths::{FLOORS, Path, ROWS};
use rounds::{Times, interleaved};
use surroundings::Surroundings;

/// Rounds of everything; the whole takes about half a minute.
const ROUNDS: usize = 100;

/// The times of all paths in one kind of loop: the floors, then the rows.
type Column = Vec<Times>;

fn main() {
    println!("{}\n", machine::describe());
    let all: Vec<&Path> = FLOORS.iter().chain(ROWS.iter().map(|row| &row.path)).collect();
    let alone = columns(|around| measure(around, &all, &mut |_| ()));
    let together =
        (machine::cores() > 1).then(|| columns(|around| partner::with(around, &all, measure)));

    for (title, pick) in [
        ("Least of all rounds", (|times| times.minimum) as fn(Times) -> f64),
        ("Median of all rounds", |times| times.median),
    ] {
        print_table(title, &alone, together.as_ref(), pick);
    }
    print_notes(&alone, together.as_ref());
}

/// The columns of the table. The two tight loops are one of them: the better one counts.
fn columns(measure: impl Fn(Surroundings) -> Column) -> [Column; 3] {
    let [tight, in_fours] = [Surroundings::Tight, Surroundings::TightInFours].map(&measure);
    let better = tight.into_iter().zip(in_fours).map(|(one, other)| one.least(other));
    [better.collect(), measure(Surroundings::Work), measure(Surroundings::StoreMisses)]
}

fn measure(around: Surroundings, all: &[&Path], prepare: &mut dyn FnMut(usize)) -> Column {
    interleaved(ROUNDS, all.len(), prepare, |number| {
        (all[number].run)(around, all[number].times);
        all[number].times
    })
}

fn print_table(
    title: &str,
    alone: &[Column; 3],
    together: Option<&[Column; 3]>,
    pick: fn(Times) -> f64,
) {
    let width = ROWS.iter().map(|row| row.path.name.len()).max().unwrap_or(0);
    println!("{title}, {ROUNDS} of them. Ratios to the floor in the same loop.");
    println!("{:width$}         ┌────── one thread ─────┐┌───── two threads ─────┐", "");
    println!(
        "{:width$}  floor{:>8}{:>8}{:>8}{:>8}{:>8}{:>8}  reach",
        "path", "tight", "work", "misses", "tight", "work", "misses",
    );
    for (number, row) in ROWS.iter().enumerate() {
        print!("{:width$}  {:>5}", row.path.name, letter(row.floor as usize));
        let ratio = |column: &Column| {
            pick(column[FLOORS.len() + number]) / pick(column[row.floor as usize])
        };
        for column in alone {
            print!("{:>7.2}x", ratio(column));
        }
        for column in 0..3 {
            match together {
                Some(together) => print!("{:>7.2}x", ratio(&together[column])),
                None => print!("{:>8}", "–"),
            }
        }
        match row.reach {
            Some(reach) if ratio(&alone[0]) > reach => print!("  {reach}x, missed"),
            Some(reach) => print!("  {reach}x"),
            None => {}
        }
        println!();
    }
    println!();
}

fn letter(floor: usize) -> char {
    (b'A' + floor as u8) as char
}

/// What a ratio does not say.
fn print_notes(alone: &[Column; 3], together: Option<&[Column; 3]>) {
    println!("The floors on this machine, one thread, least: tight loop, with work, with misses");
    for (number, floor) in FLOORS.iter().enumerate() {
        let [tight, work, misses] = [0, 1, 2].map(|column| alone[column][number].minimum);
        println!(
            "  {} {:<40} {tight:>7.2} ns {work:>7.2} ns {misses:>7.2} ns",
            letter(number),
            floor.name
        );
    }
    let counter = FLOORS.len();
    if let Some(together) = together {
        let ratio = together[0][counter] / alone[0][counter];
        println!(
            "A counter while another thread records into the same one, to itself alone: least \
             {:.2}x, median {:.2}x (reach 1.1x)",
            ratio.minimum, ratio.median
        );
    }
    let long = ROWS.len() - 1;
    let added = |pick: fn(Times) -> f64| {
        pick(alone[0][FLOORS.len() + long]) - pick(alone[0][ROWS[long].floor as usize])
    };
    println!(
        "#[timed] adds to a function of about 90 ns: least {:.1} ns, median {:.1} ns (reach 15 ns)",
        added(|times| times.minimum),
        added(|times| times.median),
    );
}
