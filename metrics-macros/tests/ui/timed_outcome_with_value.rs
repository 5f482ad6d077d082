use tachograph::timed;

#[timed(outcome = true)]
fn parse() {}

fn main() {}
