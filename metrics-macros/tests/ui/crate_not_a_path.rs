use tachograph::counter;

fn main() {
    counter!("jobs_total", crate = "tachograph").increment(1);
}
