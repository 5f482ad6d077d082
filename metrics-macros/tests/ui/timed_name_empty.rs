use tachograph::timed;

#[timed("")]
fn parse() {}

fn main() {}
