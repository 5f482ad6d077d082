//! What is recorded, the same with every crate.

use std::hint::black_box;

/// A label's values that are known only at run time.
pub const PATHS: [&str; 8] = [
    "/api/v1/users",
    "/api/v1/users/:id",
    "/api/v1/products",
    "/api/v1/products/:id",
    "/api/v1/products/:id/owner",
    "/api/v1/orders",
    "/health",
    "/",
];

/// Seconds, as latencies are spread: between 10 µs and 1 s, each octave as often as another.
const LATENCIES: [f64; 64] = latencies();

const fn latencies() -> [f64; 64] {
    let mut values = [0.0; 64];
    let mut state = 1_u64;
    let mut place = 0;
    while place < values.len() {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let octave = 1_u64 << ((state >> 60) + 1);
        let fraction = (state >> 32 & 0xFFFF_FFF) as f64 / (1 << 28) as f64;
        values[place] = 1e-5 * octave as f64 * (1.0 + fraction);
        place += 1;
    }
    values
}

/// The bounds that Prometheus' libraries take where none are given, in seconds.
pub const BOUNDS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// The input of one operation; the compiler cannot foresee it.
#[derive(Clone, Copy)]
pub struct Inputs {
    number: u64,
}

impl Inputs {
    #[inline(always)]
    pub fn new(number: u64) -> Inputs {
        Inputs { number: black_box(number) }
    }

    /// How often this operation was done before; at last, what a gauge stands at.
    #[inline(always)]
    pub fn number(self) -> u64 {
        self.number
    }

    #[inline(always)]
    pub fn path(self) -> &'static str {
        PATHS[self.number as usize % PATHS.len()]
    }

    #[inline(always)]
    pub fn seconds(self) -> f64 {
        LATENCIES[self.number as usize % LATENCIES.len()]
    }
}
