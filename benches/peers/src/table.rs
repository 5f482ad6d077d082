//! The tables, in Markdown: nanoseconds, and how often those of the first row.

use std::fmt::Write as _;

use crate::case::{Column, Format, Peer};
use crate::measure::{Recording, SERIES, Texts};

pub fn recording(peers: &[Peer], times: &Recording) -> String {
    let titles: Vec<String> = Column::ALL.iter().map(|column| column.title().to_owned()).collect();
    let rows = times.iter().map(|row| row.to_vec()).collect::<Vec<_>>();
    table(peers, &titles, &rows)
}

pub fn expositions(peers: &[Peer], times: &Texts) -> String {
    let of = |format: Format| SERIES.map(|series| format!("{}, {series}", format.title()));
    let titles: Vec<String> = Format::ALL.into_iter().flat_map(of).collect();
    let rows = times.iter().map(|row| row.to_vec()).collect::<Vec<_>>();
    table(peers, &titles, &rows)
}

/// Rows that have no figure at all are left out.
fn table(peers: &[Peer], titles: &[String], rows: &[Vec<Option<f64>>]) -> String {
    let mut text = format!("| | {} |\n|---|{}\n", titles.join(" | "), "--:|".repeat(titles.len()));
    for (peer, row) in peers.iter().zip(rows) {
        if row.iter().all(Option::is_none) {
            continue;
        }
        write!(text, "| {} |", peer.title).expect("text");
        for (own, first) in row.iter().zip(&rows[0]) {
            text += &match (own, first) {
                (Some(own), Some(first)) if own != first => {
                    format!(" {} ({}) |", nanoseconds(*own), ratio(own / first))
                }
                (Some(own), _) => format!(" **{}** |", nanoseconds(*own)),
                (None, _) => " – |".to_owned(),
            };
        }
        text.push('\n');
    }
    text
}

fn nanoseconds(value: f64) -> String {
    let decimals = if value < 10.0 {
        2
    } else if value < 100.0 {
        1
    } else {
        0
    };
    format!("{value:.decimals$}")
}

fn ratio(value: f64) -> String {
    let decimals = if value < 10.0 { 1 } else { 0 };
    format!("{value:.decimals$}x")
}
