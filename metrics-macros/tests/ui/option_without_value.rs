use tachograph::timer;

fn main() {
    timer!("query_seconds", crate = ).start();
}
