use tachograph::counter;

fn main() {
    counter!().increment(1);
}
