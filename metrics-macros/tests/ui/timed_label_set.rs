use tachograph::timed;

#[timed(labels(..labels))]
fn work(labels: &str) -> usize {
    labels.len()
}

fn main() {
    work("a");
}
