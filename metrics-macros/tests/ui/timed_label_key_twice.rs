use tachograph::timed;

#[timed("query_seconds", labels("table" => "users", "table" => "posts"))]
fn query() {}

fn main() {}
