use tachograph::timed;

#[timed(skip, sample = 2)]
fn parse() {}

fn main() {}
