use std::borrow::Cow;
use std::sync::Arc;

use tachograph::{LabelSet, counter, gauge, histogram, timed, timer};

const NAME: &str = "constant_total";

mod again {
    pub use tachograph;
}

#[derive(LabelSet, Clone, Copy)]
#[label(rename_all = "kebab-case")]
#[label(key = "stage", crate: again::tachograph)]
enum Stage {
    Parse,
    #[label("check", other)]
    TypeCheck = 7,
    #[label()]
    Emit,
}

#[derive(LabelSet)]
#[label(rename_all = "camelCase", crate = again::tachograph,)]
struct Step<'a, S> {
    stage: &'a S,
    #[label("again")]
    is_second: bool,
}

/// Parses one line.
#[timed]
fn parse(line: &str) -> usize {
    line.len()
}

#[timed("stage_seconds", function = "read", labels("stage" => "read", "level" => 2), crate = again::tachograph)]
fn read() {}

#[timed(name = "write_seconds", labels("function" => "write",),)]
async fn write() {}

fn main() {
    let (kind, owned, shared) = ("fast", String::from("big"), Arc::<str>::from("all"));

    counter!("a_total").increment(1);
    counter!("b_total", "kind" => "fast", "level" => 3, "deep" => true, "mark" => 'x',).increment(1);
    counter!("c_total", "kind" => kind, "size" => owned, "scope" => shared, "n" => owned.len()).increment(1);
    counter!("d_total", "ratio" => %0.5, "cow" => Cow::Borrowed(kind), "fixed" => "yes").increment(1);
    for shard in 0..2 {
        counter!("e_total", "shard" => shard, "shown" => %shard).increment(1);
    }
    let Ok(stage) = "emit".parse::<Stage>();
    assert_eq!(Step { stage: &stage, is_second: true }.index(), 5);
    assert_eq!(Stage::SERIES * Step::<Stage>::SERIES, [Stage::Parse, Stage::TypeCheck].len() * 9);
    counter!("h_total", "stage" => stage, "again" => &stage).increment(1);
    counter!(NAME).increment(1);
    counter!(format!("{kind}_total"), "kind" => kind, "fixed" => "yes").increment(1);
    counter!(crate: again::tachograph, "f_total").increment(1);
    counter!("g_total", crate = again::tachograph).increment(1);
    gauge!("queue_depth").set(0.0);
    histogram!("line_bytes", "kind" => kind).record(parse("a line") as f64);
    timer!("query_seconds").time(read);
    // The future is made, and dropped before its first poll.
    drop(write());
    assert_eq!((owned.as_str(), &*shared), ("big", "all"));
}
