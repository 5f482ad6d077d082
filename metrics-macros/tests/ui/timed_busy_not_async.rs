use tachograph::timed;

#[timed(busy)]
fn parse() {}

fn main() {}
