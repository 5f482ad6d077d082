use tachograph::counter;

fn main() {
    counter!("jobs_total", "" => "fast").increment(1);
}
