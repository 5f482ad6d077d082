use tachograph::timed;

#[timed(outcome, labels("outcome" => "none"))]
fn parse() {}

fn main() {}
