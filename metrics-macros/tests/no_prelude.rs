//! Nothing of an expansion is looked up in the user's scope: the forms, where there is no prelude.

#![no_implicit_prelude]
#![deny(warnings)]

use ::std::convert::From;
use ::std::string::String;
use ::std::{assert_eq, format, option::Option, vec};
use ::tachograph::{counter, describe_counter, describe_rate, describe_summary};
use ::tachograph::{gauge, histogram, rate, summary, timed, timer};

const KEY: &str = "service";

#[timed(labels("name" => name), outcome)]
fn work(name: &str) -> ::std::result::Result<usize, ()> {
    ::std::result::Result::Ok(name.len())
}

#[::std::prelude::v1::test]
fn every_form_works_without_a_prelude() {
    let name = String::from("no_prelude_owned_total");
    let labels = [("dynamic_key", format!("{}!", "woo"))];
    counter!("no_prelude_total").increment(1);
    counter!("no_prelude_total", "service" => "http").absolute(42);
    counter!("no_prelude_total", KEY => KEY).increment(123);
    counter!("no_prelude_total", &labels).increment(1);
    counter!("no_prelude_none_total", vec![]).increment(1);
    counter!(name, "shown" => %1.5).increment(1);
    counter!(format!("{}_via_format", "no_prelude")).increment(1);
    gauge!(
        description: "super gauge",
        unit: ::tachograph::Unit::Bytes,
        target: ::core::module_path!(),
        level: ::tachograph::Level::INFO,
        "no_prelude_gauge",
        "label1" => name.len()
    )
    .set(1337.0);
    let description = "Known at run time";
    histogram!(description: description, buckets: [1, 2], "no_prelude_sizes").record(1);
    timer!("no_prelude_seconds").time(|| ());
    rate!("no_prelude_rate", "service" => "http").increment(1);
    summary!("no_prelude_kept", KEY => 1).record(1);
    describe_rate!("no_prelude_rate", "How fast it goes");
    describe_summary!("no_prelude_kept", ::tachograph::Unit::Count, "What is kept");
    describe_counter!("no_prelude_total", ::tachograph::Unit::Count, "What is counted");
    assert_eq!(work("four"), ::std::result::Result::Ok(4));
    let snapshot = ::tachograph::registry().snapshot();
    assert_eq!(snapshot.counter("no_prelude_total", &[("dynamic_key", "woo!")]), Option::Some(1));
    assert_eq!(snapshot.counter("no_prelude_total", &[("service", "service")]), Option::Some(123));
}
