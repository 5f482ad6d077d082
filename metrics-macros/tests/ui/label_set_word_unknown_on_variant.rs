use tachograph::LabelSet;

#[derive(LabelSet)]
enum Method {
    #[label(rename = "get")]
    Get,
}

fn main() {}
