use tachograph::LabelSet;

#[derive(LabelSet)]
#[label(key = "request\nmethod")]
enum Method {
    Get,
}

fn main() {}
