use tachograph::timed;

#[timed(labels("function" => "parse"))]
fn parse() {}

fn main() {}
