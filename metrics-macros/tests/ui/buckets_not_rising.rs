use tachograph::histogram;

fn main() {
    histogram!("sizes", buckets: [1, 10, 5]).record(1);
}
