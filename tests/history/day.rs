//! A simulated day of a service, whatever happens in it, against a twin that keeps every value.

use std::f64::consts::TAU;
use std::time::Duration;

use tachograph::{
    Counter, Gauge, Histogram, History, Kind, Rate, Registry, Sample, Summary, Timer,
};

use super::apart;
use super::clock::{BEGIN, Clock, HOUR, MINUTE, SECOND, time};
use super::random::Random;
use super::ticks::Ticks;
use super::twin::{Asked, Twin};

/// How values are distributed.
type Draw = fn(&mut Random) -> f64;

impl Random {
    /// Between 0 and 1, never 0.
    fn unit(&mut self) -> f64 {
        ((self.next() >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * self.unit().ln()).sqrt() * (TAU * self.unit()).cos()
    }
}

fn uniform(random: &mut Random) -> f64 {
    5.0 + 95.0 * random.unit()
}

fn log_normal(random: &mut Random) -> f64 {
    (random.normal() - 3.0).exp()
}

fn bimodal(random: &mut Random) -> f64 {
    if random.unit() < 0.8 { 0.02 + 0.002 * random.unit() } else { 3.0 + random.unit() }
}

fn constant(_: &mut Random) -> f64 {
    42.5
}

/// Pareto, with a shape of 1.1: its mean is its tail.
fn heavy_tailed(random: &mut Random) -> f64 {
    random.unit().powf(-1.0 / 1.1).min(1e9)
}

const DISTRIBUTIONS: [(&str, Draw); 5] = [
    ("uniform", uniform),
    ("log_normal", log_normal),
    ("bimodal", bimodal),
    ("constant", constant),
    ("heavy_tailed", heavy_tailed),
];

/// Handles of one service, and its twins in the same order: counter, rate, gauge, timer, summary, histograms.
struct Service {
    registry: Registry,
    counter: Counter,
    rate: Rate,
    gauge: Gauge,
    timer: Timer,
    summary: Summary,
    histograms: Vec<Histogram>,
    twins: Vec<Twin>,
    random: Random,
}

/// Where the twins of the histograms begin.
const HISTOGRAMS: usize = 5;

impl Service {
    fn new(seed: u64) -> Service {
        let registry = Registry::new();
        let mut twins = vec![
            Twin::new("requests_total", Kind::Counter),
            Twin::new("mails", Kind::Rate),
            Twin::new("depth", Kind::Gauge),
            Twin::new("work_seconds", Kind::Timer),
            Twin::new("orders", Kind::Summary),
        ];
        twins.extend(DISTRIBUTIONS.map(|(name, _)| Twin::new(name, Kind::Histogram)));
        let histograms = DISTRIBUTIONS.map(|(name, _)| registry.histogram(name, &[]).unwrap());
        Service {
            counter: registry.counter("requests_total", &[]).unwrap(),
            rate: registry.rate("mails", &[]).unwrap(),
            gauge: registry.gauge("depth", &[]).unwrap(),
            timer: registry.timer("work_seconds", &[]).unwrap(),
            summary: registry.summary("orders", &[]).unwrap(),
            histograms: histograms.to_vec(),
            registry,
            twins,
            random: Random(seed),
        }
    }

    /// How many requests a second of the day brings.
    fn load(&mut self, of_day: u64) -> u64 {
        let hour = of_day as f64 / HOUR as f64;
        let is_quiet = (3.0..3.6).contains(&hour);
        let is_spike = (17.0..17.3).contains(&hour);
        let curve = 1.5 - 1.4 * (TAU * hour / 24.0).cos();
        let mean = if is_quiet { 0.0 } else { curve * if is_spike { 8.0 } else { 1.0 } };
        (mean + self.random.unit()) as u64
    }

    /// Records what comes in the time after `from` and before `to`.
    fn live(&mut self, from: u64, to: u64, of_day: u64) {
        let requests = self.load(of_day);
        for request in 0..requests {
            // Never at a tick itself: what is recorded then comes before it or after it.
            let at = from + (to - from) * (request + 1) / (requests + 1);
            self.counter.increment(request % 3);
            self.rate.increment(1);
            let took = Duration::from_nanos((log_normal(&mut self.random) * 1e9) as u64);
            self.timer.record(took);
            let euros = uniform(&mut self.random);
            self.summary.record_sample(Sample::new(euros).at(time(at)));
            let first = [(request % 3) as f64, 1.0, 0.0, took.as_secs_f64(), euros];
            for place in [0, 1, 3, 4] {
                self.twins[place].add(at, first[place]);
            }
            let all = DISTRIBUTIONS.iter().zip(&self.histograms).zip(&mut self.twins[HISTOGRAMS..]);
            for (((_, draw), histogram), twin) in all {
                let value = draw(&mut self.random);
                histogram.record(value);
                twin.add(at, value);
            }
        }
        if requests > 0 {
            // Below zero now and then.
            let depth = (requests as f64 - 1.0) * 2.5 * self.random.unit() - 0.25;
            self.gauge.set(depth);
            self.twins[2].level = depth;
        }
    }

    /// What a tick sees of the gauge.
    fn seen(&mut self, tick: u64) {
        let gauge = &mut self.twins[2];
        gauge.add(tick, gauge.level);
    }

    fn restart(&mut self) {
        for twin in &mut self.twins {
            assert_eq!(self.registry.reset(twin.name), 1);
            twin.reset();
        }
    }

    /// Windows that end now, and one that lies anywhere before, of the usual lengths or as short as a slot.
    fn check(&mut self, history: &History, ticks: &Ticks, now: u64) {
        let ago = self.random.next() % (now - BEGIN);
        let until = BEGIN + ago.max(SECOND);
        let length = [SECOND / 2, MINUTE, HOUR][self.random.next() as usize % 3];
        let past =
            Asked { after: until.saturating_sub(length).max(BEGIN), until: Some(until), now };
        let over = history.over(Duration::from_nanos(HOUR));
        for twin in &self.twins {
            let metric = history.metric(twin.name, &[]).unwrap();
            for length in [MINUTE, 5 * MINUTE, HOUR] {
                let window = metric.window(Duration::from_nanos(length));
                let asked = Asked { after: now - length, until: None, now };
                twin.check(window.as_ref(), ticks, asked);
            }
            let last_hour = Asked { after: now - HOUR, until: None, now };
            let parts = metric.parts(Duration::from_nanos(HOUR), 7);
            twin.check_parts(&parts, ticks, last_hour);
            twin.check_over(&over, ticks, last_hour);
            if until < ticks.last() {
                let window = metric.between(time(past.after), time(until));
                twin.check(window.as_ref(), ticks, past);
            }
        }
    }
}

/// A day with a load that rises and falls, a quiet night, a restart, a machine that sleeps and a spike.
fn live_through_a_day(seed: u64) {
    let clock = Clock::new();
    let mut service = Service::new(seed);
    let history = clock.builder(&service.registry).build().unwrap();
    let mut ticks = Ticks(vec![clock.now()]);
    let restart = BEGIN + 13 * HOUR + 5 * MINUTE;
    let sleep = BEGIN + 10 * HOUR + 30 * MINUTE;
    let end = BEGIN + 24 * HOUR;
    // What is worth a look, besides one every so often.
    let moments = [
        2 * SECOND,
        3 * MINUTE,
        3 * HOUR + 10 * MINUTE,
        3 * HOUR + 30 * MINUTE,
        10 * HOUR + 38 * MINUTE,
        10 * HOUR + 42 * MINUTE,
        13 * HOUR + 5 * MINUTE + 3 * SECOND,
        13 * HOUR + 6 * MINUTE,
        17 * HOUR + 10 * MINUTE,
    ];
    let regular = (1..).map(|number| number * 61 * MINUTE).take_while(|at| *at < 24 * HOUR);
    let mut looks: Vec<u64> = regular.chain(moments).map(|at| BEGIN + at).collect();
    looks.sort_unstable();
    let mut looks = looks.into_iter().peekable();
    let (mut is_restarted, mut has_slept) = (false, false);
    while clock.now() < end {
        let last = clock.now();
        let restarts = last >= restart && !is_restarted;
        if restarts {
            // Right behind a tick: what comes between the last tick and a reset is in no window.
            service.restart();
            is_restarted = true;
        }
        // A second; but five where nobody looks soon, since a day of seconds takes its time.
        let is_watched = looks.peek().is_some_and(|at| *at < last + 6 * MINUTE);
        let spacing = if is_watched || apart::soak() { SECOND } else { 5 * SECOND };
        let mut next = last + spacing - SECOND / 8 + service.random.next() % (SECOND / 4);
        if last >= sleep && !has_slept {
            next += 7 * MINUTE;
            has_slept = true;
        } else {
            service.live(last, next, last - BEGIN);
        }
        if looks.next_if(|at| *at <= next).is_some() || restarts {
            // Some time after the last tick, with all that was recorded since.
            let now = next - 1;
            clock.set(now);
            service.check(&history, &ticks, now);
        }
        clock.set(next);
        assert!(history.tick(time(next)));
        service.seen(next);
        ticks.0.push(next);
    }
    assert!(looks.next().is_none() && is_restarted && has_slept);
    service.check(&history, &ticks, clock.now());
    let usage = history.usage();
    assert_eq!(
        (usage.ticks(), usage.refused(), usage.thinned()),
        (ticks.0.len() as u64 - 1, 0, [0; 3])
    );
}

#[test]
fn windows_of_a_day_hold_what_a_naive_twin_kept() {
    let days = if apart::soak() { 12 } else { 1 };
    for day in 0..days {
        live_through_a_day(0x9e37_79b9_7f4a_7c15 + 2 * day);
    }
}
