//! A day of a service in a few seconds, and what its history tells of it.
//!
//! A clock that is set by hand goes through a day, second by second. In each second a simulated service answers requests
//! ([`world`] says how many, and how that went), records them as any service would ([`service`]), and the history takes
//! a tick. Where too many wait, a trigger sheds load ([`overload`]). At moments of interest somebody looks ([`look`]): at the last minute, five minutes and hour, as one who is on call
//! would. What happened is counted a second time, naively ([`ledger`]), and every figure that is shown has to agree.

mod clock;
mod ledger;
mod look;
mod overload;
mod service;
mod show;
mod world;

use std::time::{Duration, Instant};

use clock::{Clock, DAY, SECOND};
use ledger::Ledger;
use overload::Queue;
use service::Service;
use tachograph::{Error, History, Registry};
use world::World;

fn main() -> Result<(), Error> {
    let began = Instant::now();
    let (clock, registry) = (Clock::at_midnight(), Registry::new());
    let service = Service::new(&registry, &clock)?;
    let history = clock.history(&registry)?;
    let queue = Queue::default();
    queue.collect(&registry)?;
    let (overload, events) = overload::trigger(&registry)?;
    let (mut world, mut ledger) = (World::new(), Ledger::new());
    let (mut looks, mut ticks) = (Vec::new(), Vec::new());

    while clock.second() < DAY {
        let second = clock.second();
        if world::is_asleep(second) {
            // Nothing runs while the machine is suspended, and nobody ticks.
            clock.forward();
            continue;
        }
        if second == world::DEPLOYED_AT {
            service.restart(&registry);
        }
        for request in world.requests_in(second, overload.is_firing()) {
            service.answer(&request);
            ledger.note(second, &request);
        }
        queue.is(world.waiting());
        clock.forward();
        ticks.push(time(|| history.tick(clock.now())));
        if let Some(why) = world::is_worth_a_look(clock.second()) {
            looks.push(look::at(&clock, &history, &ledger, why));
        }
    }

    print!("{}", show::chart(&look::hours(&clock, &history, &ledger)));
    looks.iter().for_each(|look| print!("{}", show::look(look)));
    // What the trigger called is done when it is gone.
    drop(overload);
    print!("{}", show::shedding(&events.iter().collect::<Vec<_>>()));
    print!("{}", show::aggregates(&look::aggregates(&history)));
    print!("{}", show::orders(&look::largest_orders(&history, &ledger)));
    let answer = time(|| look::aggregates(&history));
    print!("{}", show::machine(&look::machine()?));
    print!("{}", show::cost(&history.usage(), &mut ticks, answer, began.elapsed()));
    Ok(())
}

/// How long it takes.
fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    std::hint::black_box(work());
    start.elapsed()
}

impl Clock {
    /// A history that goes by this clock.
    fn history(&self, registry: &Registry) -> Result<History, Error> {
        let clock = self.clone();
        History::builder().registry(registry).interval(SECOND).clock(move || clock.now()).build()
    }
}
