use tachograph::timed;

#[timed("", sampel = 3, function = "")]
const fn parse() -> u32 {
    3
}

fn main() {
    assert_eq!(parse(), 3);
}
