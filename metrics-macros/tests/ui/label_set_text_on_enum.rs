use tachograph::LabelSet;

#[derive(LabelSet)]
#[label("method")]
enum Verb {
    Get,
}

fn main() {}
