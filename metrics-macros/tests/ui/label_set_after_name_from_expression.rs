use tachograph::counter;

fn main() {
    let set = ();
    counter!(format!("{}_total", "jobs"), ..set).increment(1);
}
