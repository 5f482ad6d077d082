use tachograph::describe_counter;

fn main() {
    describe_counter!("jobs_total");
}
