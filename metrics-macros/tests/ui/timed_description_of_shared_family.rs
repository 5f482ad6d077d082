use tachograph::timed;

#[timed(description = "Parses.")]
fn parse() {}

fn main() {}
