//! The binary format, against prost and what a reader asks of a native histogram.
#![no_main]

#[path = "../../tests/support/binary.rs"]
mod binary;
#[path = "../../src/protobuf/message.rs"]
#[allow(dead_code, reason = "what is only written is not read here")]
mod message;
#[path = "recorded.rs"]
mod recorded;

use std::collections::HashSet;

use binary::families;
use libfuzzer_sys::fuzz_target;
use recorded::Program;
use tachograph::Format;
use tachograph_export::Protobuf;

fuzz_target!(|input: (Program, u8)| {
    let (program, max_buckets) = input;
    let snapshot = program.run().snapshot();
    let mut body = Vec::new();
    Protobuf::new().max_buckets(max_buckets.into()).encode(&snapshot, &mut body);
    let names: HashSet<String> = families(&body).into_iter().map(|family| family.name).collect();
    // The same families as in text.
    let text = snapshot.render(Format::Prometheus);
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let in_text: HashSet<String> =
        types.filter_map(|line| Some(line.split_once(' ')?.0.to_owned())).collect();
    assert_eq!(names, in_text);
});
