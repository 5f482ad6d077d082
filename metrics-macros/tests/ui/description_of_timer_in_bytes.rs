use tachograph::describe_timer;

fn main() {
    describe_timer!("wait", tachograph::Unit::Bytes, "How long it takes");
}
