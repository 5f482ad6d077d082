//! Both text formats, against a parser that takes nothing but what is written down.
#![no_main]

#[path = "recorded.rs"]
mod recorded;
#[path = "../../tests/support/strict.rs"]
mod strict;

use libfuzzer_sys::fuzz_target;
use recorded::Program;
use strict::{Dialect, families};
use tachograph::Format;

fuzz_target!(|program: Program| {
    let snapshot = program.run().snapshot();
    let mut samples = Vec::new();
    for (format, dialect) in
        [(Format::Prometheus, Dialect::Prometheus), (Format::OpenMetrics, Dialect::OpenMetrics)]
    {
        let body = snapshot.render(format);
        let found = families(&body, dialect).unwrap_or_else(|what| panic!("{what} in\n{body}"));
        let all = found.into_iter().flat_map(|family| family.samples);
        // NaN is not equal to itself, so values are compared as they are shown.
        samples.push(all.map(|sample| format!("{sample:?}")).collect::<Vec<_>>());
    }
    // A series has the same names, labels and values in both.
    samples.iter_mut().for_each(|all| all.sort());
    assert_eq!(samples[0], samples[1]);
});
