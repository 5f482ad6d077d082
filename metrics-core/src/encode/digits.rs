//! Numbers as machines read them: every digit that tells one value from another, and no more.
//!
//! Whole numbers, which most values are, take a path of their own; all others are written by the
//! standard library, whose shortest form comes back as the same `f64`. It never rounds.

use std::fmt::Write;

/// The numbers 00 to 99, two characters each.
const PAIRS: &str = "\
0001020304050607080910111213141516171819\
2021222324252627282930313233343536373839\
4041424344454647484950515253545556575859\
6061626364656667686970717273747576777879\
8081828384858687888990919293949596979899";

/// Below this every whole number is an `f64`, and is written without an exponent.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;

/// Appends a whole number.
pub(super) fn push_u64(number: u64, out: &mut String) {
    const STEP: u64 = 100_000_000;
    if number < STEP {
        push_leading(number as u32, out);
    } else if number < STEP * STEP {
        push_leading((number / STEP) as u32, out);
        push_eight((number % STEP) as u32, out);
    } else {
        push_leading((number / (STEP * STEP)) as u32, out);
        push_eight((number / STEP % STEP) as u32, out);
        push_eight((number % STEP) as u32, out);
    }
}

/// Appends a number below 10^8 without zeros before it.
fn push_leading(number: u32, out: &mut String) {
    let (high, low) = (number / 10_000, number % 10_000);
    if high > 0 {
        push_leading_four(high, out);
        push_pair(low / 100, out);
        push_pair(low % 100, out);
    } else {
        push_leading_four(low, out);
    }
}

fn push_leading_four(number: u32, out: &mut String) {
    let (high, low) = (number / 100, number % 100);
    if high > 0 {
        push_leading_pair(high, out);
        push_pair(low, out);
    } else {
        push_leading_pair(low, out);
    }
}

fn push_leading_pair(number: u32, out: &mut String) {
    if number < 10 {
        out.push(char::from(b'0' + number as u8));
    } else {
        push_pair(number, out);
    }
}

/// Appends a number below 10^8 with all its eight digits.
fn push_eight(number: u32, out: &mut String) {
    let (high, low) = (number / 10_000, number % 10_000);
    for pair in [high / 100, high % 100, low / 100, low % 100] {
        push_pair(pair, out);
    }
}

/// Appends a number below 100 with both its digits.
fn push_pair(number: u32, out: &mut String) {
    let at = number as usize * 2;
    out.push_str(&PAIRS[at..at + 2]);
}

/// Appends a finite number: whole ones without a fraction, others in the shortest form that comes back
/// as the same value, which may have an exponent (`1.5e-7`).
pub(super) fn push_finite(value: f64, out: &mut String) {
    if value.fract() == 0.0 && value.abs() < WHOLE_MAX {
        if value.is_sign_negative() {
            out.push('-');
        }
        push_u64(value.abs() as u64, out);
    } else {
        // Writing to a string does not fail.
        let _ = write!(out, "{value:?}");
    }
}

/// Appends any number as Prometheus and OpenMetrics know it: `+Inf`, `-Inf` and `NaN` included.
pub(super) fn push_sample(value: f64, out: &mut String) {
    if value.is_finite() {
        push_finite(value, out);
    } else if value.is_nan() {
        out.push_str("NaN");
    } else {
        out.push_str(if value > 0.0 { "+Inf" } else { "-Inf" });
    }
}

/// Appends a bucket's bound in the form that OpenMetrics calls canonical.
///
/// A bound is the value of a label, so the same number must have one text for all times and formats:
/// `0.25`, `1.0`, `1e-05`, `1.048576e+06`.
///
/// # Source
///
/// OpenMetrics 1.0.0, "Considerations: Canonical Numbers"; Prometheus from 3.0 on rewrites the bounds
/// of its text format to this one.
pub(super) fn push_bound(bound: f64, out: &mut String) {
    let scientific = format!("{bound:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    // Writing to a string does not fail.
    let _ = if (-4..6).contains(&exponent) {
        write!(out, "{bound:?}")
    } else {
        write!(out, "{mantissa}e{exponent:+03}")
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(push: impl Fn(&mut String)) -> String {
        let mut out = String::from("=");
        push(&mut out);
        out.split_off(1)
    }

    #[test]
    fn whole_numbers_are_those_of_the_standard_library() {
        let mut numbers = vec![0, 7, 42, 99, 100, u64::MAX, u64::MAX - 1];
        for exponent in 1..=19 {
            let ten = 10_u64.pow(exponent);
            numbers.extend([ten - 1, ten, ten + 1, ten / 3, ten + ten / 7]);
        }
        for number in numbers {
            assert_eq!(written(|out| push_u64(number, out)), number.to_string());
        }
    }

    #[test]
    fn numbers_come_back_as_they_were() {
        let cases = [
            (0.0, "0"),
            (-0.0, "-0"),
            (3.0, "3"),
            (-17.0, "-17"),
            (0.1, "0.1"),
            (1.5e-7, "1.5e-7"),
            (9_007_199_254_740_991.0, "9007199254740991"),
            (1e16, "1e16"),
            (f64::MAX, "1.7976931348623157e308"),
            (f64::MIN_POSITIVE, "2.2250738585072014e-308"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
        ];
        for (value, text) in cases {
            assert_eq!(written(|out| push_sample(value, out)), text);
            let back: f64 = text.parse().unwrap();
            assert_eq!(back.to_bits(), value.to_bits(), "{text}");
        }
        assert_eq!(written(|out| push_sample(f64::NAN, out)), "NaN");
    }

    #[test]
    fn bounds_are_canonical() {
        // The first lines are those of the specification's own list.
        let cases = [
            (1e-10, "1e-10"),
            (1e-9, "1e-09"),
            (1e-5, "1e-05"),
            (0.0001, "0.0001"),
            (0.1, "0.1"),
            (1.0, "1.0"),
            (100_000.0, "100000.0"),
            (1e6, "1e+06"),
            (1e10, "1e+10"),
            (0.25, "0.25"),
            (1_048_576.0, "1.048576e+06"),
            (1.0 / (1 << 24) as f64, "5.960464477539063e-08"),
            (1.5e300, "1.5e+300"),
        ];
        for (bound, text) in cases {
            assert_eq!(written(|out| push_bound(bound, out)), text);
        }
    }
}
