use tachograph::counter;

fn main() {
    counter!("kind" => "fast").increment(1);
}
