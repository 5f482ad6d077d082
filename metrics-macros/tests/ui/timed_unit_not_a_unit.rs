use tachograph::timed;

#[timed("parse_ms", unit = "milliseconds")]
fn parse() {}

fn main() {}
