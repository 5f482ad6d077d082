use tachograph::LabelSet;

#[derive(LabelSet)]
struct Request {
    cached: bool,
    #[label("cached")]
    fresh: bool,
}

fn main() {}
