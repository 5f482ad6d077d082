use tachograph::LabelSet;

#[derive(LabelSet)]
struct Request(bool, bool);

fn main() {}
