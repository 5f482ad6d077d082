use tachograph::gauge;

fn main() {
    gauge!("queue_depth", kind = "fast").set(0.0);
}
