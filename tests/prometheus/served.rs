//! What a real Prometheus makes of a server of ours, which gives it the format that it asks for.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tachograph::when::{aggregate, quantile, rate};
use tachograph::{Aggregation, Buckets, Registry};
use tachograph_export::{Endpoint, Server};

use crate::prometheus::{Prometheus, Value, job};

/// A registry at rest, and its server.
fn serve() -> (Registry, Server, SocketAddr) {
    let registry = Registry::new();
    for shop in ["north", "\"south\"\n\\"] {
        registry.counter("orders_total", &[("shop", shop)]).unwrap().increment(7);
    }
    let declared = Buckets::new().bounds(&[0.1, 0.3]);
    let waits = registry.histogram_with("waits_seconds", &[], declared).unwrap();
    (1..=1_000).for_each(|wait| waits.record(f64::from(wait) / 1_000.0));
    let jobs = registry.timer("job_seconds", &[]).unwrap();
    (1..=50).for_each(|job| jobs.record(Duration::from_millis(job)));
    let server = Endpoint::new().quiet(true).serve(&registry, "127.0.0.1:0").unwrap();
    let address = server.address().unwrap();
    (registry, server, address)
}

/// Counters and labels are those of the registry, in whatever format they came.
fn check_counters(prometheus: &Prometheus, registry: &Registry, job: &str) {
    let snapshot = registry.snapshot();
    let orders = prometheus.query(&format!("orders_total{{job=\"{job}\"}}"));
    assert_eq!(orders.len(), 2, "{job}");
    for order in orders {
        let total = snapshot.counter("orders_total", &[("shop", &order.labels["shop"])]).unwrap();
        assert_eq!(order.value, Value::Number(total as f64), "{job}");
    }
}

/// The bounds that were declared are exact: `le="0.1"` has what is at most that.
fn check_bounds(prometheus: &Prometheus, registry: &Registry, job: &str) {
    let snapshot = registry.snapshot();
    let waits = snapshot.histogram("waits_seconds", &[]).unwrap();
    for bound in [0.1, 0.3] {
        let bucket = format!("waits_seconds_bucket{{job=\"{job}\",le=\"{bound}\"}}");
        assert_eq!(prometheus.number(&bucket), waits.count_at_most(bound) as f64, "{job}");
        assert_eq!(waits.count_at_most(bound), (bound * 1_000.0) as u64);
    }
}

/// The native histogram has all values, and its quantiles lie in the bucket that ours do.
fn check_native(prometheus: &Prometheus, registry: &Registry, job: &str) {
    let snapshot = registry.snapshot();
    let waits = snapshot.histogram("waits_seconds", &[]).unwrap();
    let of = |expression: &str| {
        prometheus.number(&expression.replace("@", &format!("waits_seconds{{job=\"{job}\"}}")))
    };
    assert_eq!(of("histogram_count(@)"), 1_000.0, "{job}");
    assert_eq!(of("histogram_sum(@)"), waits.sum(), "{job}");
    // 10 octaves of 32 buckets are more than 160: its buckets are put together once or twice.
    for q in [0.5, 0.9, 0.99] {
        let theirs = of(&format!("histogram_quantile({q}, @)"));
        let octaves = (theirs / waits.quantile(q).unwrap()).log2().abs();
        assert!(octaves <= 1.0 / 8.0 + 1e-9, "{job} {q}: {theirs}");
    }
}

#[test]
fn prometheus_2_asks_for_protobuf_or_openmetrics_and_gets_it() {
    let (registry, _server, address) = serve();
    let own = job("own", address, "/metrics");
    if let Some(native) = Prometheus::start("served-native", &own) {
        native.wait_until_up(1);
        check_counters(&native, &registry, "own");
        check_native(&native, &registry, "own");
        assert_eq!(native.number("histogram_count(job_seconds)"), 50.0);
    }
    if let Some(classic) = Prometheus::start_with("served-classic", &own, &[]) {
        classic.wait_until_up(1);
        check_counters(&classic, &registry, "own");
        check_bounds(&classic, &registry, "own");
        assert_eq!(classic.number("job_seconds_count"), 50.0);
        // Prometheus gives it a name without a port of its own: nothing else was scraped.
        assert_eq!(classic.number("count(count by (job) (up))"), 1.0);
    }
}

#[test]
fn prometheus_3_gets_each_format_and_both_kinds_of_buckets() {
    let (registry, _server, address) = serve();
    let protocols = [
        ("text", "PrometheusText0.0.4"),
        ("openmetrics", "OpenMetricsText1.0.0"),
        ("protobuf", "PrometheusProto"),
    ];
    let jobs = protocols.map(|(name, protocol)| {
        let mut job = job(name, address, "/metrics");
        job += &format!("  scrape_protocols: [\"{protocol}\"]\n");
        job + "  always_scrape_classic_histograms: true\n"
    });
    let Some(prometheus) = Prometheus::start_third("served-third", &jobs.concat()) else { return };
    prometheus.wait_until_up(protocols.len());
    for (name, _) in protocols {
        check_counters(&prometheus, &registry, name);
        check_bounds(&prometheus, &registry, name);
    }
    check_native(&prometheus, &registry, "protobuf");
}

/// Quantiles, means and rates are told of whatever was scraped: native histograms, or the lines of classic ones.
#[test]
fn what_a_registry_asks_prometheus_for_is_told() {
    let (registry, _server, address) = serve();
    let own = job("own", address, "/metrics");
    let native = Prometheus::start("asked-native", &own);
    let classic = Prometheus::start_with("asked-classic", &own, &[]);
    let jobs = registry.timer("job_seconds", &[]).unwrap();
    let work = || (0..100).for_each(|_| jobs.record(Duration::from_millis(20)));
    let window = Duration::from_secs(10);
    let of = |which| aggregate(which).over(window);
    for (prometheus, is_native) in [(native, true), (classic, false)] {
        let Some(prometheus) = prometheus else { continue };
        let ask = |measure| {
            let expression = registry.promql("job_seconds", &[], measure).unwrap();
            let found = prometheus.wait_for(&expression, |found| {
                work();
                matches!(found, [one] if matches!(one.value, Value::Number(it) if it > 0.0))
            });
            let Value::Number(value) = found[0].value else { panic!("{found:?}") };
            value
        };
        let (p95, mean) = (ask(quantile(0.95).over(window)), ask(of(Aggregation::Average)));
        // The classic bucket is that between two of the powers of two.
        let bucket = if is_native { 0.0191..0.0211 } else { 1.0 / 64.0..0.125 };
        assert!(bucket.contains(&p95), "{is_native}: {p95}");
        assert!((0.0199..0.0201).contains(&mean), "{is_native}: {mean}");
        assert!(ask(rate().over(window)) > 1.0);
        let (count, sum) = (ask(of(Aggregation::Count)), ask(of(Aggregation::Sum)));
        // Both are of about the same moment.
        assert!((0.005..0.08).contains(&(sum / count)), "{is_native}: {sum} of {count}");
        let is_scraped = |name: &str| prometheus.query(name).len() == 1;
        assert_eq!(is_scraped("job_seconds"), is_native);
        assert_eq!(is_scraped("job_seconds_count"), !is_native);
    }
}

/// A running example, which ends with this value.
struct Example(Child);

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn prometheus_scrapes_the_service_of_the_examples_while_it_works() {
    // Cargo builds the examples before it runs tests.
    let tests = std::env::current_exe().unwrap();
    let program = tests.parent().and_then(Path::parent).unwrap().join("examples/service");
    let mut command = Command::new(program);
    command.args(["0", "127.0.0.1:0"]).env_remove("TACHOGRAPH_LISTEN").stdin(Stdio::null());
    let mut example = Example(command.stderr(Stdio::piped()).spawn().unwrap());
    let said = BufReader::new(example.0.stderr.take().unwrap()).lines().next().unwrap().unwrap();
    let (_, rest) = said.split_once("serving ").unwrap();
    let address: SocketAddr = rest.split(' ').next().unwrap().parse().unwrap();

    let own = job("service", address, "/metrics");
    let Some(prometheus) = Prometheus::start("served-example", &own) else { return };
    prometheus.wait_until_up(1);
    let grown = "sum(increase(requests_total[1m])) > 0";
    prometheus.wait_for(grown, |found| found.len() == 1);
    let quantile = "histogram_quantile(0.99, sum(rate(function_duration_seconds[1m])))";
    let slowest = prometheus.wait_for(
        quantile,
        |found| matches!(found, [one] if matches!(one.value, Value::Number(it) if it > 0.0)),
    );
    assert!(matches!(slowest[0].value, Value::Number(seconds) if seconds < 60.0), "{slowest:?}");
    assert!(prometheus.number("process_resident_memory_bytes") > 1e6);
}
