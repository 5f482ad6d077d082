use tachograph::LabelSet;

#[derive(LabelSet)]
#[label(key = "method", key = "verb")]
enum Verb {
    Get,
}

fn main() {}
