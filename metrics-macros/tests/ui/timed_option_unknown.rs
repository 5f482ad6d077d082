use tachograph::timed;

#[timed(fuction = "parse")]
fn parse() {}

fn main() {}
