use tachograph::LabelSet;

#[derive(LabelSet)]
union Method {
    get: u8,
    post: u8,
}

fn main() {}
