use tachograph::LabelSet;

#[derive(LabelSet)]
#[label(rename_all = "lowercase")]
enum Method {
    Get,
    #[label("get")]
    Fetch,
}

fn main() {}
