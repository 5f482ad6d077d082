use tachograph::timed;

#[timed(function = "parse", function = "read")]
fn parse() {}

fn main() {}
