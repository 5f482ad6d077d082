use tachograph::histogram;

fn main() {
    histogram!(schema: 9, "sizes").record(1);
}
