use tachograph::LabelSet;

#[derive(LabelSet)]
struct Request {
    #[label("")]
    cached: bool,
}

fn main() {}
