use tachograph::LabelSet;

#[derive(LabelSet)]
#[label(key = "cached")]
struct Request {
    fresh: bool,
}

fn main() {}
