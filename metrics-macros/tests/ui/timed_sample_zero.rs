use tachograph::timed;

#[timed(sample = 0)]
fn parse() {}

fn main() {}
