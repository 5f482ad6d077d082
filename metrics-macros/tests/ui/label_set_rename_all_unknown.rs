use tachograph::LabelSet;

#[derive(LabelSet)]
#[label(rename_all = "Snake_Case")]
enum Method {
    Get,
}

fn main() {}
