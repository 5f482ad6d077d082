use tachograph::counter;

fn main() {
    counter!("jobs_total", "kind" => , "size" => "big").increment(1);
}
