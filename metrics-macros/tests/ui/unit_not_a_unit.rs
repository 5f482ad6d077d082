use tachograph::gauge;

fn main() {
    gauge!(unit: "bytes", "sizes").set(1);
}
