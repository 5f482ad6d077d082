use tachograph::timed;

#[timed]
const fn parse() -> u32 {
    3
}

fn main() {
    assert_eq!(parse(), 3);
}
