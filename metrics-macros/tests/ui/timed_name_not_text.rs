use tachograph::timed;

#[timed(5)]
fn parse() {}

fn main() {}
