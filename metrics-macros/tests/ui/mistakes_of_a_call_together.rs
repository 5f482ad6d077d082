use tachograph::counter;

fn main() {
    counter!("", "kind" => , "kind" => "fast", sample = 3).increment(1);
}
