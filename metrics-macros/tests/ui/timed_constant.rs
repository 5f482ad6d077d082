use tachograph::timed;

#[timed]
const LINES: u32 = 3;

fn main() {
    assert_eq!(LINES, 3);
}
