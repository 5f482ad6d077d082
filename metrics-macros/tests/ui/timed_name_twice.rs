use tachograph::timed;

#[timed("parse_seconds", "read_seconds")]
fn parse() {}

fn main() {}
