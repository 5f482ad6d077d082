use tachograph::counter;

fn main() {
    let labels = [("a", "1")];
    counter!("jobs_total", &labels, "b" => "2").increment(1);
}
