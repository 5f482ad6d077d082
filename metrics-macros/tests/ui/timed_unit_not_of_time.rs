use tachograph::timed;

#[timed("parsed_bytes", unit = tachograph::Unit::Bytes)]
fn parse() {}

fn main() {}
