use tachograph::LabelSet;

#[derive(LabelSet)]
#[label(rename_all = "lowercase")]
enum Tier {
    InMemory,
    Inmemory,
}

fn main() {}
