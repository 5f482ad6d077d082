use tachograph::timed;

#[timed(in_flight = true)]
fn parse() {}

fn main() {}
