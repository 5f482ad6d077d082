use tachograph::LabelSet;

#[derive(LabelSet)]
#[label(crate = "tachograph")]
struct Request {
    cached: bool,
}

fn main() {}
