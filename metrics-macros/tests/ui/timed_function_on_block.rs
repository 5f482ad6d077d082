use tachograph::timed;

#[timed(function = "parse")]
mod parser {
    fn parse() {}
}

fn main() {}
