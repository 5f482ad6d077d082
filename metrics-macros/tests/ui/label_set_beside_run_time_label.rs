use tachograph::counter;

fn main() {
    let (set, path) = ((), "/");
    counter!("jobs_total", ..set, "path" => path).increment(1);
}
