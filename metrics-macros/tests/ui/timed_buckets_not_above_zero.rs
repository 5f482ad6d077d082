use tachograph::timed;

#[timed(buckets = [0, 1])]
fn parse() {}

fn main() {}
