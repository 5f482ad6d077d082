//! All series at once against each of them alone.

use std::time::Duration;

use tachograph::{Aggregation, Kind, Registry, Surveyed, Window};

use super::clock::{BEGIN, Clock, HOUR, MINUTE, SECOND, nanos};
use super::random::Random;

/// Equal but for the order in which numbers were added.
fn near(one: Option<f64>, other: Option<f64>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() <= 1e-9 * one.abs().max(other.abs()),
        _ => one == other,
    }
}

fn check(series: &Surveyed, span: Duration, parts: usize) {
    let name = series.metric().name();
    let (_, each) = series.metric().parts_on_grid(span, parts);
    let each: Vec<Option<Window>> = each;
    if series.metric().kind() != Kind::Gauge {
        assert_eq!(series.rates().len(), each.len(), "{name}");
        for (rate, part) in series.rates().iter().zip(&each) {
            let alone = part.as_ref().and_then(Window::rate);
            assert!(near(*rate, alone), "{name} over {span:?}: {rate:?} and {alone:?}");
        }
    }
    for (mean, part) in series.means().iter().zip(&each) {
        let alone = part.as_ref().and_then(|part| match part.histogram() {
            Some(histogram) => {
                (histogram.count() > 0).then(|| histogram.sum() / histogram.count() as f64)
            }
            None => part.aggregate(Aggregation::Average),
        });
        assert!(near(*mean, alone), "{name} over {span:?}: {mean:?} and {alone:?}");
    }
    let whole = series.metric().window(span);
    // Those of the rates of a counter are of coarser rates here.
    let is_counter = matches!(series.metric().kind(), Kind::Counter | Kind::Rate);
    let told = if is_counter { &Aggregation::ALL[..2] } else { &Aggregation::ALL[..] };
    let of = |window: Option<&Window>| {
        let window = window?;
        let each: Vec<_> = told.iter().map(|one| window.aggregate(*one)).collect();
        Some((window.span(), each, window.rate()))
    };
    assert_eq!(of(series.window()), of(whole.as_ref()), "{name}");
    assert_eq!(series.count(), series.metric().count(), "{name}");
}

#[test]
fn a_survey_says_of_each_series_what_the_series_says_alone() {
    let (clock, registry, mut random) = (Clock::new(), Registry::new(), Random(5));
    let history = clock.builder(&registry).build().unwrap();
    let counter = registry.counter("jobs_total", &[]).unwrap();
    let gauge = registry.gauge("depth", &[]).unwrap();
    let histogram = registry.histogram("sizes", &[]).unwrap();
    let timer = registry.timer("work_seconds", &[]).unwrap();
    registry.summary("orders", &[]).unwrap();
    let orders = history.metric("orders", &[]).unwrap();
    for second in 0..5_000 {
        for _ in 0..random.next() % 3 {
            // What is recorded at the very tick would be dated into the slot before.
            clock.forward(1);
            counter.increment(random.next() % 5);
            gauge.set((random.next() % 50) as f64 - 10.0);
            histogram.record((random.next() % 900) as f64);
            timer.record(Duration::from_micros(random.next() % 1_000_000));
            orders.record((random.next() % 90) as f64).unwrap();
        }
        match second {
            // Something that comes late, and a reset.
            2_000 => registry.counter("late_total", &[]).unwrap().increment(3),
            4_800 => assert_eq!(registry.reset("sizes") + registry.reset("jobs_total"), 2),
            // A machine that sleeps.
            3_000 => clock.forward(10 * MINUTE),
            _ => {}
        }
        clock.tick(&history, SECOND + random.next() % (SECOND / 50));
        if second % 617 == 0 || second > 4_995 {
            clock.forward(random.next() % (SECOND / 3));
            for (seconds, parts) in [(60, 12), (300, 30), (3_600, 60), (86_400, 20), (60, 0)] {
                let span = Duration::from_secs(seconds);
                let survey = history.survey(span, parts);
                assert!(survey.grid().len() <= parts + 1);
                survey.series().iter().for_each(|series| check(series, span, parts));
                let snapshot = registry.snapshot();
                let (told, known) = (survey.overhead(), snapshot.overhead());
                assert_eq!(told.timer_calls(), known.timer_calls());
                assert_eq!((told.series(), told.cost()), (known.series(), known.cost()));
            }
        }
    }
    assert!(clock.now() - BEGIN > HOUR);
}

#[test]
fn parts_stay_where_they_are_while_time_goes_on() {
    let (clock, registry) = (Clock::new(), Registry::new());
    let jobs = registry.counter("jobs_total", &[]).unwrap();
    let history = clock.builder(&registry).build().unwrap();
    let mut seen: Vec<(u64, f64)> = Vec::new();
    for second in 0..600_u64 {
        jobs.increment(second);
        clock.tick(&history, SECOND);
        let survey = history.survey(Duration::from_secs(300), 30);
        let begin = nanos(survey.grid().begin());
        assert_eq!((begin % (10 * SECOND), survey.grid().length()), (0, Duration::from_secs(10)));
        let rates = survey.series()[0].rates();
        for (place, rate) in rates.iter().enumerate().take(rates.len() - 1) {
            let (Some(rate), start) = (rate, begin + place as u64 * 10 * SECOND) else { continue };
            match seen.iter().find(|(known, _)| *known == start) {
                Some((_, known)) => assert_eq!(known, rate, "{second}"),
                None => seen.push((start, *rate)),
            }
        }
    }
    assert!(seen.len() > 55);
}

#[test]
fn what_is_idle_or_gone_is_in_no_survey_and_what_is_new_is() {
    let (clock, registry) = (Clock::new(), Registry::new());
    let history = clock.builder(&registry).build().unwrap();
    registry.counter("gone_total", &[]).unwrap().increment(1);
    clock.tick(&history, SECOND);
    registry.remove("gone_total");
    registry.gauge("depth", &[("queue", "<img src=x onerror=alert(1)>")]).unwrap().set(f64::NAN);
    registry.timer("new_seconds", &[]).unwrap().record(Duration::from_millis(4));
    let survey = history.survey(Duration::from_secs(60), 6);
    let names: Vec<&str> = survey.series().iter().map(|one| one.metric().name()).collect();
    assert_eq!(names, ["depth", "new_seconds"]);
    assert_eq!(survey.series()[0].level(), None, "what is no number is no level");
    assert_eq!(survey.series()[1].count(), Some(1));
    let mean = survey.series()[1].means().iter().flatten().last().copied();
    assert_eq!(mean, None, "no time has passed since it came");
    clock.forward(SECOND / 2);
    let survey = history.survey(Duration::from_secs(60), 6);
    let mean = survey.series()[1].means().iter().flatten().last().copied();
    assert!((mean.unwrap() - 0.004).abs() < 1e-6, "{mean:?}");
}
