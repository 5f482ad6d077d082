use tachograph::timed;

#[timed(sample = "64")]
fn parse() {}

fn main() {}
