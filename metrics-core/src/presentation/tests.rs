//! Names as they are shown, and what is refused.

use super::*;

fn with_prefix(prefix: &str) -> Presentation {
    let mut presentation = Presentation::default();
    presentation.set_prefix(prefix).unwrap();
    presentation
}

fn recommended(mut presentation: Presentation) -> Presentation {
    presentation.set_naming(Naming::Recommended);
    presentation
}

#[test]
fn recommended_names_have_the_unit_and_the_total_once() {
    use Kind::{Counter, Gauge, Histogram, Timer};
    let presentation = recommended(Presentation::default());
    for (written, kind, unit, shown) in [
        ("http.server.duration", Timer, Some(Unit::Seconds), "http_server_duration_seconds"),
        ("job.duration", Timer, Some(Unit::Milliseconds), "job_duration_milliseconds"),
        ("wait_seconds", Timer, Some(Unit::Seconds), "wait_seconds"),
        ("http.requests", Counter, None, "http_requests_total"),
        ("http.requests.total", Counter, None, "http_requests_total"),
        ("requests_total", Counter, None, "requests_total"),
        ("x", Counter, Some(Unit::Bytes), "x_bytes_total"),
        ("x_total", Counter, Some(Unit::Bytes), "x_bytes_total"),
        ("x_bytes", Counter, Some(Unit::Bytes), "x_bytes_total"),
        ("x_seconds_total", Counter, Some(Unit::Seconds), "x_seconds_total"),
        ("x_bytes_total", Histogram, Some(Unit::Bytes), "x_bytes_total_bytes"),
        ("kilobytes", Gauge, Some(Unit::Bytes), "kilobytes_bytes"),
        ("bytes", Gauge, Some(Unit::Bytes), "bytes"),
        ("job:bytes", Gauge, Some(Unit::Bytes), "job:bytes"),
        ("cpu.usage", Gauge, Some(Unit::Percent), "cpu_usage_percent"),
        ("jobs", Gauge, Some(Unit::Count), "jobs"),
        ("jobs", Gauge, Some(Unit::CountPerSecond), "jobs_per_second"),
        ("jobs_per_second", Gauge, Some(Unit::CountPerSecond), "jobs_per_second"),
        ("link", Gauge, Some(Unit::BitsPerSecond), "link_bits_per_second"),
        ("link", Gauge, Some(Unit::TerabitsPerSecond), "link_terabits_per_second"),
        ("memory", Gauge, Some(Unit::Kibibytes), "memory_kibibytes"),
        ("x_total", Gauge, None, "x_total"),
        ("total", Counter, None, "total_total"),
        ("_total", Counter, None, "_total"),
        ("_total", Counter, Some(Unit::Bytes), "_bytes_total"),
        // Underscores of the translation stand alone, and those of the program stay.
        ("a..b", Gauge, None, "a_b"),
        ("a._b", Gauge, None, "a_b"),
        ("a__b", Gauge, None, "a__b"),
        (".a.", Gauge, None, "a"),
        ("_a_", Gauge, None, "_a_"),
        ("a_", Counter, Some(Unit::Bytes), "a_bytes_total"),
        ("größe", Gauge, Some(Unit::Bytes), "gr_e_bytes"),
        ("🦀", Gauge, None, "_"),
        ("🦀", Counter, None, "_total"),
        ("9lives", Gauge, None, "_9lives"),
        ("job:rate:5m", Gauge, None, "job:rate:5m"),
    ] {
        let found = presentation.shown_name(written, kind, unit);
        assert_eq!(found, shown, "{written} {kind} {unit:?}");
        assert_eq!(metric_name(&found), shown, "has allowed characters");
        assert_eq!(presentation.shown_name(&found, kind, unit), shown, "is shown as itself");
        assert_eq!(matches!(found, Cow::Borrowed(_)), found == written, "{written}");
    }
}

#[test]
fn recommended_keys_have_allowed_characters() {
    let presentation = recommended(Presentation::default());
    for (written, shown) in [
        ("http.method", "http_method"),
        ("a:b", "a_b"),
        ("a..b.", "a_b"),
        ("__name__", "__name__"),
        ("9", "_9"),
        ("ß", "_"),
    ] {
        assert_eq!(presentation.shown_key(written), shown);
    }
    assert_eq!(Presentation::default().shown_key("a.b"), "a.b");
}

#[test]
fn prefix_is_joined_by_one_character() {
    for (prefix, written, as_written, in_style) in [
        ("myapp", "lines", "myapp_lines", "myapp_lines"),
        ("myapp_", "lines", "myapp_lines", "myapp_lines"),
        ("my.app.", "a.b", "my.app.a.b", "my_app_a_b"),
        ("my:", "lines", "my:lines", "my:lines"),
        ("my app", "lines", "my app_lines", "my_app_lines"),
        ("9", "9lives", "9_9lives", "_9_9lives"),
        ("app", "_x", "app__x", "app__x"),
        ("🦀", "x", "🦀_x", "_x"),
        ("myapp", "tachograph_series", "tachograph_series", "tachograph_series"),
    ] {
        let presentation = with_prefix(prefix);
        assert_eq!(presentation.shown_name(written, Kind::Gauge, None), as_written);
        let presentation = recommended(presentation);
        assert_eq!(presentation.shown_name(written, Kind::Gauge, None), in_style);
    }
}

#[test]
fn nothing_to_do_is_nothing_done() {
    let presentation = Presentation::default();
    assert!(presentation.is_plain());
    let name = presentation.shown_name("a.b", Kind::Counter, Some(Unit::Bytes));
    assert!(matches!(name, Cow::Borrowed("a.b")));
    let mut said = Presentation::default();
    said.set_naming(Naming::AsWritten);
    assert!(said.is_plain());
}

#[test]
fn refusals_name_the_value_and_the_remedy() {
    let long = "x".repeat(name::Name::MAX_BYTES + 1);
    for (prefix, says) in [
        ("", "empty prefix: give it at least one character"),
        ("a\nb", "prefix \"a\\nb\" holds the control character '\\n': remove it"),
        (&long, "has 513 bytes: shorten it to at most 512"),
        ("tachograph", "prefix `tachograph` is for the recorder's own metrics: choose another one"),
        ("tachograph.x", "is for the recorder's own metrics"),
        (".tachograph", "is for the recorder's own metrics"),
    ] {
        let mut presentation = Presentation::default();
        let error = presentation.set_prefix(prefix).unwrap_err();
        assert!(error.is_invalid() && error.to_string().contains(says), "{error}");
        assert_eq!(presentation, Presentation::default());
    }
    let mut presentation = Presentation::default();
    let error = presentation.set_label("", "x").unwrap_err();
    assert_eq!(error.to_string(), "empty label key: give it at least one character");
    for number in 0..Labels::MAX {
        presentation.set_label(&format!("k{number}"), "v").unwrap();
    }
    let error = presentation.set_label("one more", "v").unwrap_err();
    let says = "label `one more` is one more than the 64 that all series can get: leave one out";
    assert_eq!(error.to_string(), says);
    presentation.set_label("k0", "w").unwrap();
    assert_eq!((presentation.labels().len(), presentation.labels().get("k0")), (64, Some("w")));
}

#[test]
fn what_is_said_later_replaces_what_was_said() {
    let mut presentation = recommended(with_prefix("first"));
    presentation.set_label("a", "1").unwrap();
    let before = presentation.clone();
    presentation.overlay(&Presentation::default());
    assert_eq!(presentation, before);
    let mut later = with_prefix("second");
    later.set_label("b", "2").unwrap();
    later.set_naming(Naming::AsWritten);
    presentation.overlay(&later);
    assert_eq!(presentation, later);
}
