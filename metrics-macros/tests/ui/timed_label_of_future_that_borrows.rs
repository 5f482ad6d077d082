#![allow(unused_variables)]

use tachograph::timed;

#[timed(labels("table" => table))]
fn rows(table: &'static str) -> impl Future<Output = usize> {
    async { 0 }
}

fn main() {
    drop(rows("users"));
}
