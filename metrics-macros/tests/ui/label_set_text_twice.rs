use tachograph::LabelSet;

#[derive(LabelSet)]
enum Method {
    #[label("get")]
    #[label("GET")]
    Get,
}

fn main() {}
