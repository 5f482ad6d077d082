use tachograph::LabelSet;

#[derive(LabelSet)]
#[label(key = method)]
enum Verb {
    Get,
}

fn main() {}
