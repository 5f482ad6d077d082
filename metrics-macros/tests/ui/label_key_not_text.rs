use tachograph::counter;

fn main() {
    counter!("jobs_total", 3 => "fast").increment(1);
}
