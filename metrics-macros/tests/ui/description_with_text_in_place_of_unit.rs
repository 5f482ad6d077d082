use tachograph::describe_histogram;

fn main() {
    describe_histogram!("sizes", "bytes", "How large files are");
}
