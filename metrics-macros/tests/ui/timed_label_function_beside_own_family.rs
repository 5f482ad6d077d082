use tachograph::timed;

#[timed("parse_seconds", in_flight, labels("function" => "parse"))]
fn parse() {}

fn main() {}
