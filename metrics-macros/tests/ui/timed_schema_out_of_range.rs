use tachograph::timed;

#[timed(schema = -5)]
fn parse() {}

fn main() {}
