use tachograph::counter;

fn main() {
    let (one, other) = ([("a", "1")], [("b", "2")]);
    counter!("jobs_total", &one, &other).increment(1);
}
