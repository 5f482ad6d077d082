use tachograph::counter;

fn main() {
    counter!("jobs_total", schema: 3).increment(1);
}
