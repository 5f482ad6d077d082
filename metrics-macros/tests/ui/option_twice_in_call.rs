use tachograph::histogram;

fn main() {
    histogram!(crate: ::tachograph, crate: ::tachograph, "line_bytes").record(1.0);
}
