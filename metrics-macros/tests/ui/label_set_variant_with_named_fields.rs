use tachograph::LabelSet;

#[derive(LabelSet)]
enum Status {
    Success,
    Failure { code: u16 },
}

fn main() {}
