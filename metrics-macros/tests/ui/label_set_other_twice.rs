use tachograph::LabelSet;

#[derive(LabelSet)]
enum Method {
    Get,
    #[label(other)]
    Rare,
    #[label(other)]
    Unknown,
}

fn main() {}
