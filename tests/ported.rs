//! What was written for the `metrics` crate runs with this one: `examples/ported` with other `use` lines, and
//! any program with another line in its manifest.
//!
//! The crates of these tests are built in folders of their own, where `metrics` is either crate.

#[path = "support/workspace.rs"]
mod workspace;

use std::env;

use workspace::Workspace;

/// All of `examples/ported` but the file where an exporter was installed.
const PROGRAM: [(&str, &str); 7] = [
    ("src/main.rs", include_str!("../examples/ported/main.rs")),
    ("src/job.rs", include_str!("../examples/ported/job.rs")),
    ("src/ledger.rs", include_str!("../examples/ported/ledger.rs")),
    ("src/queue.rs", include_str!("../examples/ported/queue.rs")),
    ("src/store.rs", include_str!("../examples/ported/store.rs")),
    ("src/telemetry.rs", include_str!("../examples/ported/telemetry.rs")),
    ("src/worker.rs", include_str!("../examples/ported/worker.rs")),
];
const OUTPUT: &str = include_str!("../examples/ported/output.rs");
const FORMS: &str = include_str!("ported/forms.rs");

/// Without an exporter.
const NO_OUTPUT: &str = "pub(crate) fn begin() {}\n";

/// What became of the jobs, worked out from the rules in `job.rs`: 3,000 jobs, 24 of which fail in the end,
/// after three attempts each.
const ANSWERS: &str = "\
kind     outcome  attempts
export   done          300
mail     done         1788
mail     failed         12
mail     retried       136
resize   done          888
resize   failed         12
resize   retried        99
";

/// The program as it was before it was ported: its `use` lines name `metrics`. There is nothing else to
/// change.
fn as_it_was() -> Vec<(&'static str, String)> {
    let files =
        PROGRAM.map(|(path, text)| (path, text.replace("use tachograph::", "use metrics::")));
    for (path, text) in &files {
        let mut code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        let left = code.find(|line| line.contains("tachograph"));
        assert_eq!(left, None, "{path} has more than `use` lines that name the crate");
    }
    files.into()
}

fn files<'a>(program: &'a [(&str, String)], output: &'a str) -> Vec<(&'a str, &'a str)> {
    let program = program.iter().map(|(path, text)| (*path, text.as_str()));
    program.chain([("src/output.rs", output)]).collect()
}

#[test]
fn programs_for_metrics_run_when_one_line_of_their_manifest_changes() {
    let workspace = Workspace::new("ported", &["program", "forms", "library"]);
    let manifest = "metrics = { package = \"tachograph\", path = CORE }\n";
    let program = as_it_was();
    let output = OUTPUT.replace("tachograph::", "metrics::");
    workspace.package("program", "2024", manifest, &files(&program, &output));
    let forms = [("src/forms.rs", FORMS), ("src/main.rs", include_str!("ported/renamed.rs"))];
    workspace.package("forms", "2021", manifest, &forms);

    // Where nothing is recorded, the same calls are taken.
    let manifest =
        "metrics = { package = \"tachograph\", path = CORE, default-features = false }\n";
    workspace.package("library", "2021", manifest, &[("src/lib.rs", FORMS)]);

    workspace.cargo(&["check", "--quiet", "--package", "library"]);
    workspace.cargo(&["run", "--quiet", "--package", "forms"]);
    let (answers, table) = workspace.cargo_says(&["run", "--quiet", "--package", "program"]);
    assert_eq!(answers, ANSWERS, "{table}");
    for (series, total) in [
        ("customer_jobs_total{customer=\"acme\"}", "1,000"),
        ("jobs_attempts_total{attempt=\"3\",kind=\"mail\"}", "12"),
        ("jobs_total{kind=\"resize\",outcome=\"retried\"}", "99"),
        ("queue_pushed_total", "3,000"),
        ("store_objects_total{store=\"results\"}", "2,976"),
        ("queue_depth", "0"),
        ("job_decode_seconds", "3,235"),
    ] {
        let mut rows = table.lines().map(str::split_whitespace);
        let row = rows.find(|row| row.clone().next() == Some(series));
        assert_eq!(row.and_then(|mut row| row.nth(1)), Some(total), "{series} in\n{table}");
    }
}

/// Only where CI says that the registry can be reached: `metrics` is no dependency of this workspace.
#[test]
fn they_are_programs_for_metrics_indeed() {
    if env::var_os("CI").is_none() {
        eprintln!("not tried: the crate `metrics` is only fetched where CI is set");
        return;
    }
    let workspace = Workspace::new("with_metrics", &["program", "forms"]);
    let manifest = "metrics = \"=0.24.6\"\n";
    workspace.package("program", "2024", manifest, &files(&as_it_was(), NO_OUTPUT));
    let forms = [("src/forms.rs", FORMS), ("src/main.rs", include_str!("ported/with_metrics.rs"))];
    workspace.package("forms", "2021", manifest, &forms);

    workspace.cargo(&["run", "--quiet", "--package", "forms"]);
    let (answers, _) = workspace.cargo_says(&["run", "--quiet", "--package", "program"]);
    assert_eq!(answers, ANSWERS);
}
