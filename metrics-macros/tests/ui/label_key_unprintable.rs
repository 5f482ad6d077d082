use tachograph::counter;

fn main() {
    counter!("jobs_total", "ki\tnd" => "fast").increment(1);
}
