//! What the day brings: requests, and how the service fares. The same each time, since its dice are its own.

use std::f64::consts::TAU;
use std::ops::Range;
use std::time::Duration;

use crate::clock::{HOUR, MINUTE};
use crate::service::{Request, Route, Status};

/// The machine is suspended.
const ASLEEP: Range<u32> = 3 * HOUR + 12 * MINUTE..3 * HOUR + 19 * MINUTE;

/// A new version is started; its caches are cold for ten minutes.
pub(crate) const DEPLOYED_AT: u32 = 10 * HOUR + 30 * MINUTE;
const COLD: Range<u32> = DEPLOYED_AT..DEPLOYED_AT + 10 * MINUTE;

/// Far too many customers come at once.
const SPIKE: Range<u32> = 17 * HOUR + 5 * MINUTE..17 * HOUR + 25 * MINUTE;

/// Nobody is awake.
const NIGHT: Range<u32> = 2 * HOUR + 30 * MINUTE..4 * HOUR + 30 * MINUTE;

pub(crate) fn is_asleep(second: u32) -> bool {
    ASLEEP.contains(&second)
}

/// Why somebody would look now, if anybody would.
pub(crate) fn is_worth_a_look(second: u32) -> Option<&'static str> {
    const NIGHT_END: u32 = ASLEEP.end + 2 * MINUTE;
    const AFTER_DEPLOY: u32 = DEPLOYED_AT + 90;
    const IN_THE_SPIKE: u32 = SPIKE.end - 2 * MINUTE;
    match second {
        NIGHT_END => Some("in the night, after the machine was suspended for seven minutes"),
        AFTER_DEPLOY => Some("after a new version was started at 10:30, with all totals at zero"),
        IN_THE_SPIKE => Some("while four times as many customers came as usual"),
        _ => None,
    }
}

/// The dice, and who waits.
pub(crate) struct World {
    dice: u64,
    waiting: f64,
}

impl World {
    pub(crate) fn new() -> World {
        World { dice: 0x9e37_79b9_7f4a_7c15, waiting: 0.0 }
    }

    /// A number between 0 and 1, never 0.
    fn roll(&mut self) -> f64 {
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        ((self.dice >> 11) + 1) as f64 / (1_u64 << 53) as f64
    }

    /// How many customers wait for an answer.
    pub(crate) fn waiting(&self) -> u32 {
        self.waiting as u32
    }

    /// The requests of a second of the day. While the service sheds load, every second one that brings no money is turned away.
    pub(crate) fn requests_in(&mut self, second: u32, is_shedding: bool) -> Vec<Request> {
        let of_day = f64::from(second) / f64::from(24 * HOUR);
        let usual = if NIGHT.contains(&second) { 0.05 } else { 14.0 - 12.0 * (TAU * of_day).cos() };
        let load = if SPIKE.contains(&second) { 4.0 } else { 1.0 };
        let count = (usual * load * (0.7 + 0.6 * self.roll()) + self.roll()) as u32;
        let is_cold = COLD.contains(&second);
        let slowness = (1.0 + self.waiting / 100.0) * if is_cold { 3.0 } else { 1.0 };
        let mut requests: Vec<Request> = (0..count).map(|_| self.request(slowness)).collect();
        if is_shedding {
            requests.iter_mut().step_by(2).for_each(Request::turn_away);
        }
        // The service does 55 a second, and goes slower and slower beyond.
        let taken = requests.iter().filter(|one| one.status != Status::Shed).count();
        self.waiting = (self.waiting + taken as f64 - 55.0).clamp(0.0, 600.0);
        requests
    }

    fn request(&mut self, slowness: f64) -> Request {
        let (route, median_ms) = match self.roll() {
            roll if roll < 0.6 => (Route::Home, 8.0),
            roll if roll < 0.92 => (Route::Search, 35.0),
            _ => (Route::Checkout, 120.0),
        };
        // Log-normal, and one in a hundred takes eight times as long.
        let normal = (-2.0 * self.roll().ln()).sqrt() * (TAU * self.roll()).cos();
        let unlucky = if self.roll() < 0.01 { 8.0 } else { 1.0 };
        let took = median_ms * 1e-3 * (0.5 * normal).exp() * unlucky * slowness;
        let fails = self.roll() < 0.001 * slowness * slowness;
        let euros = (5.0 * (1.2 * normal).exp() * 100.0).round() / 100.0 + 4.95;
        Request {
            route,
            status: if fails { Status::Failed } else { Status::Answered },
            took: Duration::from_secs_f64(took),
            euros: (route == Route::Checkout && !fails).then_some(euros),
        }
    }
}
