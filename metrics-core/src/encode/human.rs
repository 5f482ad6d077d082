//! Numbers as people read them: three significant digits and a unit that fits.

use std::time::{Duration, SystemTime};

use crate::encode::timestamp::push_moment;
use crate::snapshot::Series;
use crate::unit::Unit;

/// How the values of one series are shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Measure {
    /// From the series' unit to that of the style.
    scale: f64,
    style: Style,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Style {
    /// A bare number, and what follows it.
    Number(&'static str),
    Seconds,
    Bytes,
    /// A moment, in seconds since 1970.
    Moment,
}

/// How names end of gauges that hold a moment and no duration: as Prometheus' own do.
const MOMENTS: [&str; 2] = ["_timestamp_seconds", "_start_time_seconds"];

impl Measure {
    pub(super) const SECONDS: Measure = Measure { scale: 1.0, style: Style::Seconds };

    /// By the unit that was described, or else by the end of the name.
    pub(super) fn of(series: &Series) -> Measure {
        let name = series.name();
        let stem = name.strip_suffix("_total").unwrap_or(name);
        let is_moment = MOMENTS.iter().any(|end| name.ends_with(end));
        match series.unit() {
            None | Some(Unit::Seconds) if is_moment => Measure { scale: 1.0, style: Style::Moment },
            Some(unit) => Measure::of_unit(unit),
            None if stem.ends_with("_seconds") => Measure::of_unit(Unit::Seconds),
            None if stem.ends_with("_bytes") => Measure::of_unit(Unit::Bytes),
            None => Measure::of_unit(Unit::Count),
        }
    }

    /// Of a timer: in the unit of time that was described, or else in seconds.
    pub(super) fn of_timer(series: &Series) -> Measure {
        let unit = series.unit().filter(|unit| unit.of_a_second().is_some());
        unit.map_or(Measure::SECONDS, Measure::of_unit)
    }

    fn of_unit(unit: Unit) -> Measure {
        let (scale, style) = match unit {
            Unit::Count => (1.0, Style::Number("")),
            Unit::Percent => (1.0, Style::Number(" %")),
            Unit::Seconds => (1.0, Style::Seconds),
            Unit::Milliseconds => (1e-3, Style::Seconds),
            Unit::Microseconds => (1e-6, Style::Seconds),
            Unit::Nanoseconds => (1e-9, Style::Seconds),
            Unit::Tebibytes => (KIB * KIB * KIB * KIB, Style::Bytes),
            Unit::Gibibytes => (KIB * KIB * KIB, Style::Bytes),
            Unit::Mebibytes => (KIB * KIB, Style::Bytes),
            Unit::Kibibytes => (KIB, Style::Bytes),
            Unit::Bytes => (1.0, Style::Bytes),
            Unit::TerabitsPerSecond => (1e12, Style::Number(" bit/s")),
            Unit::GigabitsPerSecond => (1e9, Style::Number(" bit/s")),
            Unit::MegabitsPerSecond => (1e6, Style::Number(" bit/s")),
            Unit::KilobitsPerSecond => (1e3, Style::Number(" bit/s")),
            Unit::BitsPerSecond => (1.0, Style::Number(" bit/s")),
            Unit::CountPerSecond => (1.0, Style::Number("/s")),
        };
        Measure { scale, style }
    }

    /// A value with three significant digits.
    pub(super) fn show(self, value: f64) -> String {
        let value = value * self.scale;
        match self.style {
            Style::Seconds => duration(value),
            Style::Bytes => bytes(value),
            Style::Number(unit) => number(value) + unit,
            Style::Moment => moment(value),
        }
    }

    /// The value of a gauge: as [`show`](Measure::show), but all digits of a bare number.
    pub(super) fn show_whole(self, value: f64) -> String {
        match self.style {
            Style::Number(unit) => whole(value * self.scale) + unit,
            _ => self.show(value),
        }
    }

    /// So many of this unit each second.
    pub(super) fn show_rate(self, per_second: f64) -> String {
        self.show(per_second) + "/s"
    }
}

const KIB: f64 = 1024.0;

/// `2026-01-31 23:59:59Z`; what is no moment after 1970 is a number of seconds.
fn moment(seconds: f64) -> String {
    if !(1.0..1e11).contains(&seconds) {
        return duration(seconds);
    }
    let mut text = String::new();
    push_moment(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds as u64), &mut text);
    text
}

/// `12.3 µs`, `1.20 ms`, `3.40 s`, `2m 05s`, `3h 20m`, `12d 04h`.
pub(super) fn duration(seconds: f64) -> String {
    const UNITS: [(f64, &str); 3] = [(1e-9, " ns"), (1e-6, " µs"), (1e-3, " ms")];
    if seconds < 0.0 {
        return format!("-{}", duration(-seconds));
    }
    if seconds < 5e-12 {
        return String::from("0 s");
    }
    for (one, unit) in UNITS {
        if seconds / one < CARRIES {
            return three_digits(seconds / one) + unit;
        }
    }
    // What rounds to the next unit is shown in it: no `60s`, no `60m`, no `24h`.
    let (minutes, hours) = ((seconds / 60.0).round(), (seconds / 3_600.0).round());
    if !seconds.is_finite() {
        number(seconds)
    } else if seconds < 99.95 {
        three_digits(seconds) + " s"
    } else if seconds < 3_599.5 {
        let seconds = seconds.round();
        format!("{:.0}m {:02.0}s", (seconds / 60.0).floor(), seconds % 60.0)
    } else if minutes < 24.0 * 60.0 {
        format!("{:.0}h {:02.0}m", (minutes / 60.0).floor(), minutes % 60.0)
    } else if hours < 24.0 * 1_000.0 {
        format!("{:.0}d {:02.0}h", (hours / 24.0).floor(), hours % 24.0)
    } else {
        number(hours / 24.0) + "d"
    }
}

/// `512 B`, `12.3 KiB`, `0.98 MiB`.
pub(super) fn bytes(bytes: f64) -> String {
    const UNITS: [&str; 7] = [" B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB"];
    if bytes < 0.0 {
        return format!("-{}", self::bytes(-bytes));
    }
    if bytes < CARRIES && bytes.fract() == 0.0 {
        return format!("{bytes} B");
    }
    let mut rest = bytes;
    for unit in UNITS {
        if rest < CARRIES {
            return three_digits(rest) + unit;
        }
        rest /= KIB;
    }
    number(bytes) + " B"
}

/// `0`, `3`, `0.00123`, `42.3`, `12.3k`, `1.20M`, `1.23e18`.
pub(super) fn number(value: f64) -> String {
    const UNITS: [(f64, &str); 5] = [(1.0, ""), (1e3, "k"), (1e6, "M"), (1e9, "G"), (1e12, "T")];
    let size = value.abs();
    if !value.is_finite() || value == 0.0 {
        return plain(value);
    }
    if size < CARRIES && value.fract() == 0.0 {
        return format!("{value}");
    }
    if size < 0.000_999_5 {
        return format!("{value:.2e}");
    }
    if size < 0.995 {
        // Zeros after the point are no digits of the number.
        let decimals = (2.0 - size.log10().floor()) as usize;
        return format!("{value:.decimals$}");
    }
    let sign = if value < 0.0 { "-" } else { "" };
    for (one, unit) in UNITS {
        if size / one < CARRIES {
            return format!("{sign}{}{unit}", three_digits(size / one));
        }
    }
    format!("{value:.2e}")
}

/// A whole number with all its digits, another one with six: `1,234,567`, `0.333333`, `1,234.5`.
pub(super) fn whole(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() || value == 0.0 {
        return plain(value);
    }
    if !(1e-4..1e15).contains(&size) {
        return format!("{value:.5e}");
    }
    // Negative numbers of decimals become none.
    let decimals = if size.fract() == 0.0 { 0 } else { (5.0 - size.log10().floor()) as usize };
    let text = format!("{size:.decimals$}");
    let (before, after) = text.split_once('.').unwrap_or((&text, ""));
    let mut shown = String::from(if value < 0.0 { "-" } else { "" });
    group(before, &mut shown);
    let after = after.trim_end_matches('0');
    if !after.is_empty() {
        shown.push('.');
        shown.push_str(after);
    }
    shown
}

/// `1,234,567`.
pub(super) fn count(count: u64) -> String {
    let mut shown = String::new();
    group(&count.to_string(), &mut shown);
    shown
}

/// A part of a whole, both in any one unit: `12.3 %`, `0.0 %` only for nothing; `–` of no whole.
pub(super) fn percent(part: f64, whole: f64) -> String {
    let percent = 100.0 * part / whole;
    if !percent.is_finite() {
        String::from(NOTHING)
    } else if percent > 0.0 && percent < 0.05 {
        String::from("<0.1 %")
    } else {
        format!("{percent:.1} %")
    }
}

/// What stands where there is no value.
pub(super) const NOTHING: &str = "–";

/// From here on three digits round to four.
const CARRIES: f64 = 999.5;

/// A number in `0.0..999.5`.
fn three_digits(value: f64) -> String {
    let decimals = match value {
        _ if value < 9.995 => 2,
        _ if value < 99.95 => 1,
        _ => 0,
    };
    format!("{value:.decimals$}")
}

/// Zeros of both signs, NaN and the infinities.
fn plain(value: f64) -> String {
    if value == 0.0 { String::from("0") } else { value.to_string() }
}

/// Appends decimal digits with a comma before every third from the end.
fn group(digits: &str, out: &mut String) {
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::Labels;
    use crate::name::Name;
    use crate::snapshot::Value;

    #[test]
    fn durations_have_three_digits_and_a_unit_that_fits() {
        for (seconds, shown) in [
            (0.0, "0 s"),
            (1e-15, "0 s"),
            (0.31e-9, "0.31 ns"),
            (1e-9, "1.00 ns"),
            (12.34e-9, "12.3 ns"),
            (999.4e-9, "999 ns"),
            (999.6e-9, "1.00 µs"),
            (12.3456e-6, "12.3 µs"),
            (1.2e-3, "1.20 ms"),
            (9.996e-3, "10.0 ms"),
            (99.96e-3, "100 ms"),
            (0.9994, "999 ms"),
            (0.9996, "1.00 s"),
            (3.4, "3.40 s"),
            (99.94, "99.9 s"),
            (99.96, "1m 40s"),
            (119.7, "2m 00s"),
            (3_599.4, "59m 59s"),
            (3_599.6, "1h 00m"),
            (7_170.0, "2h 00m"),
            (86_399.0, "1d 00h"),
            (1_000_000.0, "11d 14h"),
            (1e9, "11.6kd"),
            (-0.5, "-500 ms"),
            (f64::INFINITY, "inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(duration(seconds), shown, "{seconds}");
        }
    }

    #[test]
    fn bytes_go_up_by_1024() {
        for (size, shown) in [
            (0.0, "0 B"),
            (512.0, "512 B"),
            (42.25, "42.2 B"),
            (999.0, "999 B"),
            (1_000.0, "0.98 KiB"),
            (1_024.0, "1.00 KiB"),
            (12_600.0, "12.3 KiB"),
            (1_048_576.0, "1.00 MiB"),
            (-1_048_576.0, "-1.00 MiB"),
            (268_435_456.0, "256 MiB"),
            (u64::MAX as f64, "16.0 EiB"),
            (1e30, "1.00e30 B"),
            (f64::NEG_INFINITY, "-inf B"),
        ] {
            assert_eq!(bytes(size), shown, "{size}");
        }
    }

    #[test]
    fn numbers_have_three_digits() {
        for (value, shown) in [
            (0.0, "0"),
            (-0.0, "0"),
            (3.0, "3"),
            (-999.0, "-999"),
            (0.1, "0.100"),
            (0.012_34, "0.0123"),
            (0.001, "0.00100"),
            (0.000_999, "9.99e-4"),
            (0.997, "1.00"),
            (42.25, "42.2"),
            (999.6, "1.00k"),
            (1_234.0, "1.23k"),
            (-12_345.0, "-12.3k"),
            (1_200_000.0, "1.20M"),
            (9.99e14, "999T"),
            (1e15, "1.00e15"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(number(value), shown, "{value}");
        }
    }

    #[test]
    fn whole_numbers_keep_their_digits() {
        for (value, shown) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1_234_567.0, "1,234,567"),
            (-1_234.5, "-1,234.5"),
            (0.5, "0.5"),
            (1.0 / 3.0, "0.333333"),
            (0.000_123_456_7, "0.000123457"),
            (1_234_567.8, "1,234,568"),
            (999_999_999_999_999.0, "999,999,999,999,999"),
            (1e15, "1.00000e15"),
            (1e-5, "1.00000e-5"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(whole(value), shown, "{value}");
        }
        for (total, shown) in
            [(0, "0"), (999, "999"), (1_000, "1,000"), (u64::MAX, "18,446,744,073,709,551,615")]
        {
            assert_eq!(count(total), shown);
        }
    }

    #[test]
    fn a_share_is_nothing_only_of_nothing() {
        for (part, whole, shown) in [
            (1.0, 8.0, "12.5 %"),
            (0.0, 8.0, "0.0 %"),
            (0.001, 8.0, "<0.1 %"),
            (8.0, 8.0, "100.0 %"),
            (30.0, 8.0, "375.0 %"),
            (0.0, 0.0, "–"),
            (1.0, 0.0, "–"),
        ] {
            assert_eq!(percent(part, whole), shown, "{part} of {whole}");
        }
    }

    #[test]
    fn the_unit_comes_from_the_description_or_else_from_the_name() {
        for (name, unit, shown) in [
            ("latency", None, "1.50k"),
            ("size_bytes", None, "1.46 KiB"),
            ("read_bytes_total", None, "1.46 KiB"),
            ("busy_seconds_total", None, "25m 00s"),
            ("bytes", None, "1.50k"),
            ("size_bytes", Some(Unit::Count), "1.50k"),
            ("latency", Some(Unit::Milliseconds), "1.50 s"),
            ("latency", Some(Unit::Microseconds), "1.50 ms"),
            ("latency", Some(Unit::Nanoseconds), "1.50 µs"),
            ("load", Some(Unit::Percent), "1.50k %"),
            ("heap", Some(Unit::Kibibytes), "1.46 MiB"),
            ("heap", Some(Unit::Mebibytes), "1.46 GiB"),
            ("heap", Some(Unit::Gibibytes), "1.46 TiB"),
            ("heap", Some(Unit::Tebibytes), "1.46 PiB"),
            ("line", Some(Unit::MegabitsPerSecond), "1.50G bit/s"),
            ("load", Some(Unit::CountPerSecond), "1.50k/s"),
        ] {
            let (name, labels) = (Name::new(name).unwrap(), Labels::default());
            let series = Series::new(name, labels, unit, None, Value::Gauge(1_500.0));
            assert_eq!(Measure::of(&series).show(1_500.0), shown, "{unit:?}");
        }
        let success = |value| {
            let (name, labels) =
                (Name::new("last_success_timestamp_seconds").unwrap(), Labels::default());
            let series = Series::new(name, labels, Some(Unit::Seconds), None, Value::Gauge(value));
            Measure::of(&series).show_whole(value)
        };
        assert_eq!(success(1_767_225_599.9), "2025-12-31 23:59:59Z");
        assert_eq!(success(0.0), "0 s");
        assert_eq!(success(f64::NAN), duration(f64::NAN));
        let bytes = Measure::of_unit(Unit::Bytes);
        assert_eq!(
            (bytes.show_rate(2_048.0), bytes.show_whole(2_048.0)),
            ("2.00 KiB/s".into(), "2.00 KiB".into())
        );
        let bare = Measure::of_unit(Unit::Count);
        assert_eq!(
            (bare.show_rate(2_048.0), bare.show_whole(2_048.0)),
            ("2.05k/s".into(), "2,048".into())
        );
    }
}
