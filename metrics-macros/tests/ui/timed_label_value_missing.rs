use tachograph::timed;

#[timed(labels("table"))]
fn query() {}

fn main() {}
