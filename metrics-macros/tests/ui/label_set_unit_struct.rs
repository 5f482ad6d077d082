use tachograph::LabelSet;

#[derive(LabelSet)]
struct Request;

fn main() {}
