use tachograph::timed;

#[timed(buckets = [0.5, "1"])]
fn parse() {}

fn main() {}
