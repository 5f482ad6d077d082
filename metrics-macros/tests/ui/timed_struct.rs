use tachograph::timed;

#[timed]
struct Parser;

fn main() {
    let _ = Parser;
}
