use tachograph::describe_gauge;

fn main() {
    describe_gauge!("depth", "How deep it is", "queue" => "mail");
}
