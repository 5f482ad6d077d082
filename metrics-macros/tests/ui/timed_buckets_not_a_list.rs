use tachograph::timed;

#[timed(buckets = 0.5)]
fn parse() {}

fn main() {}
