use tachograph::describe_timer;

fn main() {
    describe_timer!("", "How long it takes");
}
