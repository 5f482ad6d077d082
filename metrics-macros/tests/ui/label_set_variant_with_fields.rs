use tachograph::LabelSet;

#[derive(LabelSet)]
enum Status {
    Success,
    Failure(u16),
}

fn main() {}
