//! JSON, against the parser that everybody uses.
#![no_main]

#[path = "recorded.rs"]
mod recorded;

use libfuzzer_sys::fuzz_target;
use recorded::Program;
use tachograph::Format;

fuzz_target!(|program: Program| {
    let snapshot = program.run().snapshot();
    let body = snapshot.render(Format::Json);
    let value: serde_json::Value =
        serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error} in\n{body}"));
    assert_eq!(value["schema_version"], 1);
    let shown = value["series"].as_array().map(Vec::len);
    assert_eq!(shown, Some(snapshot.series().len()), "{body}");
});
