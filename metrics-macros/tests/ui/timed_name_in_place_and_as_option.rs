use tachograph::timed;

#[timed("parse_seconds", name = "read_seconds")]
fn parse() {}

fn main() {}
