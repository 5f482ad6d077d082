use tachograph::LabelSet;

#[derive(LabelSet)]
enum Method {}

fn main() {}
