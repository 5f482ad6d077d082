use tachograph::timed;

struct Parser;

#[timed]
impl Parser {
    fn parse(&self) {}
}

fn main() {
    Parser.parse();
}
