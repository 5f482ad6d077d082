//! A percentage between two looks.

use std::time::Duration;

/// Two looks that are nearer say too little: the system counts processor time in hundredths of a second, and `sysinfo`
/// does not look again before 200 ms.
pub(super) const APART: Duration = Duration::from_millis(250);

/// How much of something that grows was used, between the last two looks that were [`APART`].
#[derive(Debug, Default)]
pub(super) struct Share {
    before: Option<Look>,
    percent: Option<f64>,
}

#[derive(Debug)]
struct Look {
    at: Duration,
    used: f64,
    whole: f64,
}

impl Share {
    /// The share in percent, when both are that large now; None until it is known.
    pub(super) fn look(&mut self, now: Duration, used: f64, whole: f64) -> Option<f64> {
        match &self.before {
            Some(before) if now.saturating_sub(before.at) < APART => {}
            before => {
                self.percent = before.as_ref().and_then(|before| {
                    let (used, whole) = (used - before.used, whole - before.whole);
                    // What stands still or goes back says nothing.
                    (whole > 0.0 && used >= 0.0).then(|| 100.0 * used / whole)
                });
                self.before = Some(Look { at: now, used, whole });
            }
        }
        self.percent
    }

    /// Nothing is known any more: it takes two looks again.
    #[cfg(target_os = "linux")]
    pub(super) fn forget(&mut self) {
        *self = Share::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_known_after_two_looks_that_are_apart() {
        let at = Duration::from_millis;
        let mut share = Share::default();
        let looks = [
            (at(0), 10.0, 100.0, None),
            (at(100), 20.0, 110.0, None),
            (at(250), 15.0, 120.0, Some(25.0)),
            (at(300), 99.0, 130.0, Some(25.0)),
            (at(500), 35.0, 140.0, Some(100.0)),
            // The clock that is measured stands, or what was used goes back.
            (at(1_000), 35.0, 140.0, None),
            (at(1_500), 36.0, 240.0, Some(1.0)),
            (at(2_000), 35.0, 340.0, None),
        ];
        for (now, used, whole, expected) in looks {
            assert_eq!(share.look(now, used, whole), expected, "at {now:?}");
        }
    }
}
