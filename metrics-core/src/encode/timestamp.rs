//! Points in time as text: UTC, in the form of RFC 3339.

use std::fmt::Write;
use std::time::{Duration, SystemTime};

const SECONDS_PER_DAY: u64 = 86_400;

/// Days from the first of March of the year 0 to the first of January 1970.
const DAYS_BEFORE_1970: u64 = 719_468;

/// Days in four hundred years, after which the calendar repeats.
const DAYS_PER_ERA: u64 = 146_097;

/// Appends `2026-01-31T23:59:59.123456789Z`. What lies before 1970 is written as its beginning.
pub(super) fn push_rfc3339(time: SystemTime, out: &mut String) {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let (days, second) = (since.as_secs() / SECONDS_PER_DAY, since.as_secs() % SECONDS_PER_DAY);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let nanos = since.subsec_nanos();
    // Writing to a string does not fail.
    let _ =
        write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{nanos:09}Z");
}

/// Appends `2026-01-31 23:59:59Z`, for people.
pub(super) fn push_moment(time: SystemTime, out: &mut String) {
    let mut exact = String::new();
    push_rfc3339(time, &mut exact);
    let (date, rest) = exact.split_once('T').unwrap_or((&exact, ""));
    let second = rest.split('.').next().unwrap_or("");
    // Writing to a string does not fail.
    let _ = write!(out, "{date} {second}Z");
}

/// Appends `20260131T235959Z`, which sorts and can stand in the name of a file.
pub(crate) fn push_compact_time(time: SystemTime, out: &mut String) {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
    let (days, second) = (since / SECONDS_PER_DAY, since % SECONDS_PER_DAY);
    let (year, month, day) = date(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    // Writing to a string does not fail.
    let _ = write!(out, "{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z");
}

/// Year, month and day of the Gregorian calendar. Years begin in March, so that the day that may be
/// missing is the last one.
///
/// # Source
///
/// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
fn date(days_since_1970: u64) -> (u64, u64, u64) {
    let days = days_since_1970 + DAYS_BEFORE_1970;
    let (era, day_of_era) = (days / DAYS_PER_ERA, days % DAYS_PER_ERA);
    let leap_days = day_of_era / 1_460 + day_of_era / 146_096 - day_of_era / 36_524;
    let year_of_era = (day_of_era - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let months_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * months_from_march + 2) / 5 + 1;
    let month = if months_from_march < 10 { months_from_march + 3 } else { months_from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compact_times_are_those_of_the_calendar() {
        for (seconds, expected) in [
            (0, "19700101T000000Z"),
            (951_782_399, "20000228T235959Z"),
            (951_782_400, "20000229T000000Z"),
            (1_709_251_199, "20240229T235959Z"),
            (1_795_343_304, "20261122T102824Z"),
            (4_107_542_400, "21000301T000000Z"),
        ] {
            let mut text = String::new();
            push_compact_time(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds), &mut text);
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn times_are_those_of_the_calendar() {
        // From `date --utc --date=@…`.
        for (seconds, nanos, text) in [
            (0, 0, "1970-01-01T00:00:00.000000000Z"),
            (951_782_399, 1, "2000-02-28T23:59:59.000000001Z"),
            (951_782_400, 0, "2000-02-29T00:00:00.000000000Z"),
            (951_868_800, 0, "2000-03-01T00:00:00.000000000Z"),
            (1_767_225_599, 999_999_999, "2025-12-31T23:59:59.999999999Z"),
            (4_107_542_400, 0, "2100-03-01T00:00:00.000000000Z"),
            (253_402_300_799, 0, "9999-12-31T23:59:59.000000000Z"),
        ] {
            let mut out = String::new();
            push_rfc3339(SystemTime::UNIX_EPOCH + Duration::new(seconds, nanos), &mut out);
            assert_eq!(out, text);
        }
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let mut before = date(0);
        for days in 1..200_000 {
            let (year, month, day) = date(days);
            let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let length = |month| match month {
                2 if leap => 29,
                2 => 28,
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            let next = match before {
                (year, 12, 31) => (year + 1, 1, 1),
                (year, month, day) if day == length(month) => (year, month + 1, 1),
                (year, month, day) => (year, month, day + 1),
            };
            assert_eq!((year, month, day), next);
            before = next;
        }
    }
}
