use tachograph::timed;

struct Parser;

#[timed("parse_seconds")]
impl Parser {
    fn parse(&self) {}
}

fn main() {}
