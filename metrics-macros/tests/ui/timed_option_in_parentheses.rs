use tachograph::timed;

#[timed(name("parse_seconds"))]
fn parse() {}

fn main() {}
