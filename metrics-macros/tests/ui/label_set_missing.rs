use tachograph::counter;

fn main() {
    counter!("jobs_total", ..).increment(1);
}
