use tachograph::LabelSet;

#[derive(LabelSet)]
#[label]
struct Request {
    cached: bool,
}

fn main() {}
