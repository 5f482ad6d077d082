use tachograph::timed;

#[timed(labels(kind => "fast"))]
fn work(kind: &str) -> usize {
    kind.len()
}

fn main() {
    work("a");
}
