use tachograph::counter;

fn main() {
    counter!("jobs_total", "kind" => %).increment(1);
}
