use tachograph::timed;

#[timed(outcome)]
#[track_caller]
fn parse() -> Option<u8> {
    None
}

fn main() {}
