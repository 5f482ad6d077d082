//! A program that asks for recording, and so gets that of a library that does not ask for it.

fn main() {
    assert_eq!(library::timed_sum(&[1; 8]), library::plain_sum(&[1; 8]));
    assert_eq!(library::timed_find("abc", 'c'), Ok(3));
    library::timed_count(&[1, 2, 3], "abc");
    let snapshot = tachograph::registry().snapshot();
    let sums = snapshot.timer("function_duration_seconds", &[("function", "library::timed_sum")]);
    assert_eq!(sums.map(tachograph::TimerSnapshot::count), Some(1));
    let labels = [("fixed", "1"), ("function", "find"), ("outcome", "ok"), ("text", "abc"), ("wanted", "c")];
    assert_eq!(snapshot.counter("function_outcomes_total", &labels), Some(1));
    let odd = [("parity", "not_even")];
    assert_eq!(snapshot.counter("numbers_by_parity_total", &odd), Some(2));
}
