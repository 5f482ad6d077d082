//! Which of many ascending values a quantile is: the nearest rank.
//!
//! # Source
//!
//! R. J. Hyndman and Y. Fan, "Sample quantiles in statistical packages", 1996: definition 1, the inverse of the
//! empirical distribution.

/// The rank of the first value that a share `q`, `0.0..=1.0`, of `count` values does not exceed, counted from 1.
pub(crate) fn rank(q: f64, count: u64) -> u64 {
    if q >= 1.0 {
        return count.max(1);
    }
    // A share that should fall on one of them may come out just above it: 0.55 of 20 is more than 11. A share of
    // 0 asks for the first.
    let rank = (q * count as f64 * (1.0 - 4.0 * f64::EPSILON)).ceil() as u64;
    rank.clamp(1, count.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rank_is_that_of_the_first_value_that_enough_do_not_exceed() {
        for count in [1, 2, 3, 19, 20, 100, 999, 1_000_000] {
            for percent in 0..=100_u64 {
                // In whole numbers, where nothing is rounded.
                let exact = (percent * count).div_ceil(100).max(1);
                assert_eq!(rank(percent as f64 / 100.0, count), exact, "{percent} % of {count}");
            }
        }
        assert_eq!((rank(0.5, 0), rank(1.0, u64::MAX)), (1, u64::MAX));
    }
}
