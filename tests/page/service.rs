//! A shop that is busy, for the page to show: timed functions of which some call others, labels, a queue, a phase in which a
//! table is slow, a trigger that fires in it, a label that is not what a name should be, and as many series as one asks for.

use std::collections::hash_map::DefaultHasher;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::pin::pin;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use tachograph::when::{quantile, value};
use tachograph::{Kind, Registry, Unit, counter, gauge, histogram, summary, timed, timer};

/// What would run if a page took it for markup.
pub(crate) const HOSTILE: &str = "<img src=x onerror=\"window.hostile = 1\">";

/// A request is slow in the last third of every minute, unless told otherwise.
static SLOWNESS: AtomicU64 = AtomicU64::new(0);

/// Numbers that look random, and are the same in each run.
fn random(seed: u64) -> u64 {
    let mut hasher = DefaultHasher::new();
    seed.hash(&mut hasher);
    hasher.finish()
}

fn wait(microseconds: u64) {
    thread::sleep(Duration::from_micros(microseconds));
}

/// Answers one request.
#[timed(outcome, in_flight)]
fn request(number: u64) -> Result<(), String> {
    let seed = random(number);
    let (route, status) = match seed % 10 {
        0..=4 => ("/", "200"),
        5..=7 => ("/search", "200"),
        8 => ("/checkout", "200"),
        _ => ("/checkout", "503"),
    };
    let _request = timer!("http_request_duration_seconds", "route" => route).start();
    match route {
        "/" => drop(render(seed)),
        "/search" => search(seed),
        _ => checkout(seed),
    }
    counter!("http_requests_total", "route" => route, "status" => status).increment(1);
    histogram!("http_response_bytes", unit: Unit::Bytes).record(400 + seed % 90_000);
    if status == "200" { Ok(()) } else { Err(String::from("no answer from the bank")) }
}

#[timed]
fn render(seed: u64) -> usize {
    wait(150 + seed % 400);
    seed.to_string().len()
}

#[timed]
fn search(seed: u64) {
    query("articles", seed);
    rank(seed);
    render(seed);
}

#[timed(sample = 4)]
fn rank(seed: u64) {
    let until = 2_000 + seed % 4_000;
    let found: u64 = (0..until).map(random).fold(0, u64::wrapping_add);
    gauge!("search_last_rank").set((found % 1_000) as f64);
}

#[timed]
fn checkout(seed: u64) {
    query("orders", seed);
    query("articles", seed / 3);
    let _ = charge(seed);
    summary!("order_euros").record(5 + seed % 200);
}

#[timed(outcome)]
fn charge(seed: u64) -> Result<(), u64> {
    wait(700 + seed % 2_500);
    if seed % 9 == 0 { Err(seed) } else { Ok(()) }
}

/// Asks the database.
#[timed(labels("table" => table))]
fn query(table: &str, seed: u64) {
    let slow = if table == "orders" { SLOWNESS.load(Relaxed) } else { 0 };
    wait(250 + seed % 700 + slow * (seed % 13));
}

/// Writes a report, in several steps.
#[timed(busy)]
async fn report(steps: u64) {
    for step in 0..steps {
        pause().await;
        wait(300 + random(step) % 300);
    }
}

/// Ready when it is polled for the second time.
async fn pause() {
    let mut has_waited = false;
    std::future::poll_fn(|_| {
        let ready = if has_waited { Poll::Ready(()) } else { Poll::Pending };
        has_waited = true;
        ready
    })
    .await;
}

/// Polls a future again and again, with a while between.
fn finish(future: impl Future<Output = ()>) {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    while future.as_mut().poll(&mut context).is_pending() {
        wait(1_500);
    }
}

/// Begins the work of so many threads, and returns at once; it goes on until the process ends.
pub(crate) fn begin(registry: &Registry, workers: u64, articles: u64) {
    counter!("notes_total", "text" => HOSTILE).increment(1);
    histogram!("queue_wait_seconds", unit: Unit::Seconds, description: "How long a job waited.");
    if registry.history().is_some() {
        let slow = registry.trigger("slow orders");
        let slow = slow.new_metric(
            Kind::Timer,
            "function_duration_seconds",
            &[("function", concat!(module_path!(), "::query")), ("table", "orders")],
        );
        let minute = Duration::from_secs(20);
        let _ = slow.when(quantile(0.99).over(minute).above(0.003)).start().map(|one| one.detach());
        let deep = registry.trigger("queue too deep").new_metric(Kind::Gauge, "queue_depth", &[]);
        let _ = deep.when(value().above(1e6)).start().map(|one| one.detach());
    }
    for article in 0..articles {
        let article = article.to_string();
        counter!("article_views_total", "article" => &article, "shop" => "north").increment(0);
    }
    for worker in 0..workers {
        thread::spawn(move || {
            for number in 0.. {
                let _ = request(random(worker) ^ number);
                wait(4_000 + random(number) % 9_000);
            }
        });
    }
    thread::spawn(|| {
        loop {
            finish(report(4));
            wait(40_000);
        }
    });
    thread::spawn(move || {
        for round in 0_u64.. {
            // Three rounds a second; the slow phase lasts twenty seconds of a minute.
            SLOWNESS.store(if round % 180 >= 120 { 1_100 } else { 0 }, Relaxed);
            gauge!("queue_depth").set(((round as f64 / 20.0).sin() * 40.0 + 45.0).round());
            gauge!("temperature_celsius", "room" => "server")
                .set(21.5 + (round as f64 / 300.0).sin());
            gauge!("cache_bytes", unit: Unit::Bytes)
                .set(80_000_000 + (random(round) % 9_000_000) as i64);
            histogram!("queue_wait_seconds").record((random(round) % 900) as f64 / 1e4);
            for article in 0..articles / 7 {
                let article = (random(round + article) % articles).to_string();
                counter!("article_views_total", "article" => &article, "shop" => "north")
                    .increment(1);
            }
            thread::sleep(Duration::from_millis(333));
        }
    });
}
