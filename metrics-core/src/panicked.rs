//! What is left of a callback that panicked.

use std::any::Any;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a panic says. What it carries is dropped, and may panic once more.
pub(crate) fn message_of(panic: Box<dyn Any + Send>) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let message = text.unwrap_or("a panic without a message").to_owned();
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        // It would go on like this.
        mem::forget(again);
    }
    message
}

#[cfg(test)]
mod tests {
    use std::panic::panic_any;

    use super::*;

    struct Again;

    impl Drop for Again {
        fn drop(&mut self) {
            panic_any(Again);
        }
    }

    #[test]
    fn what_panics_when_it_is_dropped_is_let_go() {
        let said = |work: fn()| message_of(catch_unwind(work).unwrap_err());
        assert_eq!(said(|| panic!("the {} is gone", "pool")), "the pool is gone");
        assert_eq!(said(|| panic!("plain")), "plain");
        assert_eq!(said(|| panic_any(Again)), "a panic without a message");
    }
}
