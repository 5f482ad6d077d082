use tachograph::counter;

fn main() {
    counter!(description: 3, "jobs_total").increment(1);
}
