use std::time::Duration;

use tachograph::timer;

fn main() {
    timer!("wait_seconds", unit: tachograph::Unit::Bytes).record(Duration::ZERO);
}
