use tachograph::LabelSet;

#[derive(LabelSet)]
#[label(renameall = "lowercase")]
enum Method {
    Get,
}

fn main() {}
