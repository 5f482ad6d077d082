use tachograph::timed;

#[timed("query_seconds", "table" => "users")]
fn query() {}

fn main() {}
