use tachograph::timed;

const PARSE: &str = "parse_seconds";

#[timed(PARSE)]
fn parse() {}

fn main() {
    assert_eq!(PARSE, "parse_seconds");
}
