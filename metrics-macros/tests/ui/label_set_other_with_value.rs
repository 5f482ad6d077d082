use tachograph::LabelSet;

#[derive(LabelSet)]
enum Method {
    Get,
    #[label(other = "unknown")]
    Unknown,
}

fn main() {}
