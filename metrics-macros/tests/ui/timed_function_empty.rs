use tachograph::timed;

#[timed(function = "")]
fn parse() {}

fn main() {}
