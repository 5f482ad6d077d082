use tachograph::counter;

fn main() {
    counter!(404).increment(1);
}
