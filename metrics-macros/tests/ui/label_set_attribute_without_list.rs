use tachograph::LabelSet;

#[derive(LabelSet)]
enum Method {
    #[label = "get"]
    Get,
}

fn main() {}
