use tachograph::counter;

fn main() {
    counter!("jobs_total", "kind" => "fast", "kind" => "slow").increment(1);
}
