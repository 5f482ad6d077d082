//! How long one thread waits for another that is in the middle of something short.

use std::time::Duration;

/// Spins, then yields, then sleeps, about two seconds in all. A thread that takes longer is stopped or dead.
#[derive(Default)]
pub(super) struct Patience(u32);

impl Patience {
    const SPINS: u32 = 128;
    const YIELDS: u32 = 10_000;
    const SLEEPS: u32 = 1_000;

    /// False when there is no use in waiting any longer.
    pub(super) fn wait(&mut self) -> bool {
        self.0 += 1;
        if self.0 < Patience::SPINS {
            std::hint::spin_loop();
        } else if self.0 < Patience::SPINS + Patience::YIELDS {
            std::thread::yield_now();
        } else {
            std::thread::sleep(Duration::from_millis(1));
        }
        self.0 < Patience::SPINS + Patience::YIELDS + Patience::SLEEPS
    }
}
