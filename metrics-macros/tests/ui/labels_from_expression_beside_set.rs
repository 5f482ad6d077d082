use tachograph::counter;

fn main() {
    let (labels, set) = ([("a", "1")], ());
    counter!("jobs_total", &labels, ..set).increment(1);
}
