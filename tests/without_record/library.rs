//! A library that instruments itself, and leaves it to others whether anything is recorded. Functions are
//! there twice, plain and instrumented; what the compiler makes of both is compared.

#![no_std]
#![deny(warnings)]

use core::future::Future;
use core::hint::black_box;

use tachograph::{
    LabelSet, Sample, Unit, counter, gauge, histogram, rate, summary, timed, timer,
};

#[derive(LabelSet, Clone, Copy, Debug, PartialEq)]
#[label(rename_all = "snake_case")]
pub enum Parity {
    Even,
    #[label("not_even", other)]
    Odd,
}

#[derive(LabelSet)]
pub struct Number<'a> {
    pub parity: &'a Parity,
    pub large: bool,
}

#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn plain_sum(numbers: &[u32; 8]) -> u32 {
    let mut sum = 0_u32;
    for number in numbers {
        sum = sum.wrapping_mul(31).wrapping_add(black_box(*number));
    }
    sum
}

#[timed]
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn timed_sum(numbers: &[u32; 8]) -> u32 {
    let mut sum = 0_u32;
    for number in numbers {
        sum = sum.wrapping_mul(31).wrapping_add(black_box(*number));
    }
    sum
}

#[unsafe(no_mangle)]
#[inline(never)]
pub fn plain_find(text: &str, wanted: char) -> Result<usize, char> {
    let found = text.chars().position(|letter| letter == wanted).ok_or(wanted)?;
    if found > 3 {
        return Err(wanted);
    }
    Ok(black_box(found) + 1)
}

#[timed(
    "find_ms",
    unit = Unit::Milliseconds,
    description = "Finds.",
    labels("wanted" => wanted, "text" => %text, "fixed" => 1),
    outcome,
    in_flight,
    sample = 4,
    schema = 3,
    buckets = [1, 2.5],
    function = "find"
)]
#[unsafe(no_mangle)]
#[inline(never)]
pub fn timed_find(text: &str, wanted: char) -> Result<usize, char> {
    let found = text.chars().position(|letter| letter == wanted).ok_or(wanted)?;
    if found > 3 {
        return Err(wanted);
    }
    Ok(black_box(found) + 1)
}

#[unsafe(no_mangle)]
#[inline(never)]
pub fn plain_count(numbers: &[u64], name: &str) -> u64 {
    let mut total = 0_u64;
    for number in numbers {
        total = total.wrapping_add(black_box(*number));
    }
    total ^ name.len() as u64
}

#[unsafe(no_mangle)]
#[inline(never)]
pub fn timed_count(numbers: &[u64], name: &str) -> u64 {
    let _guard = timer!("count_seconds", "name" => name).start();
    let mut total = 0_u64;
    for number in numbers {
        counter!("numbers_total").increment(1);
        counter!("numbers_by_total", "name" => name, "number" => *number, "shown" => %number)
            .increment(*number);
        let parity = if *number % 2 == 0 { Parity::Even } else { Parity::Odd };
        counter!("numbers_by_parity_total", "parity" => parity).increment(1);
        histogram!("numbers").record(*number);
        rate!("numbers_rate").increment(*number);
        summary!("numbers_kept").record(*number);
        gauge!(name).set(1.5);
        total = total.wrapping_add(black_box(*number));
    }
    total ^ name.len() as u64
}

pub async fn plain_wait<F: Future>(bytes: [u8; 256], future: F) -> (usize, F::Output) {
    (bytes.len(), future.await)
}

#[timed]
pub async fn timed_wait<F: Future>(bytes: [u8; 256], future: F) -> (usize, F::Output) {
    (bytes.len(), future.await)
}

#[timed(busy, outcome, in_flight, labels("bytes" => bytes.len()))]
pub async fn watched_wait<F: Future>(bytes: [u8; 256], future: F) -> (usize, F::Output) {
    (bytes.len(), future.await)
}

/// Evaluates `ask` in every place where a macro takes an expression; how many there are.
#[timed(labels("asked" => ask()))]
pub fn asks(ask: fn() -> u64) -> u64 {
    counter!("asks_total", "asked" => ask(), "shown" => %ask()).increment(ask());
    gauge!("asks", "asked" => ask()).set(ask());
    histogram!("asked", "asked" => ask()).record_many(ask(), ask() as usize);
    timer!("asked_seconds", "asked" => ask()).time(ask);
    rate!("asked_rate", "asked" => ask()).increment(ask());
    summary!("asked_kept", "asked" => ask())
        .record_sample(Sample::new(ask()).tag("asked", ask()).metadata("asked", ask()));
    17
}
