use tachograph::LabelSet;

#[derive(LabelSet)]
struct Request {
    #[label(other)]
    cached: bool,
}

fn main() {}
