use tachograph::timed;

#[timed(buckets = [])]
fn parse() {}

fn main() {}
