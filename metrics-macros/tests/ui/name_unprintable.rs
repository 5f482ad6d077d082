use tachograph::counter;

fn main() {
    counter!("lines\ntotal").increment(1);
}
