use tachograph::timed;

#[timed(function = parse)]
fn parse() {}

fn main() {}
