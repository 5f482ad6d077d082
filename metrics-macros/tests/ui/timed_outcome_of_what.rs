use tachograph::timed;

#[timed(outcome(some))]
fn parse() {}

fn main() {}
