use tachograph::counter;

fn main() {
    counter!("jobs_total", "kind" = "fast").increment(1);
}
