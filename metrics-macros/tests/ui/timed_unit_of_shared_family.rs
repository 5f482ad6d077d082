use tachograph::timed;

#[timed(unit = tachograph::Unit::Milliseconds)]
fn parse() {}

fn main() {}
