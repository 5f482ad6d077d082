use tachograph::timed;

struct Parser;

#[timed(outcome)]
impl Parser {
    fn parse(&self) {}

    #[track_caller]
    fn expect(&self) {}
}

fn main() {}
