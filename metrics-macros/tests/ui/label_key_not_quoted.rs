use tachograph::counter;

fn main() {
    let kind = "kind";
    counter!("jobs_total", kind => "fast").increment(1);
}
