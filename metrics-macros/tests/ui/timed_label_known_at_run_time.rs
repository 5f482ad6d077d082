use tachograph::timed;

#[timed(labels("table" => table))]
fn query(table: &str) -> usize {
    table.len()
}

fn main() {}
