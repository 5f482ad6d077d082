//! What a macro refuses, collected, so that one compilation reports all mistakes of a call.
//!
//! Readers and checks push and go on with what they could understand; only the end asks whether
//! anything was refused. It never prints and never panics: an [`Error`] leaves through the expansion.

use std::fmt::Display;

use quote::ToTokens;
use syn::{Error, Result};

/// All refusals of one macro call, in the order in which they were met.
#[derive(Default)]
pub(crate) struct Refusals {
    combined: Option<Error>,
}

impl Refusals {
    /// Refuses with the caret on `tokens`.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.push(Error::new_spanned(tokens, message));
    }

    /// Takes an error that a parser returned.
    pub(crate) fn push(&mut self, error: Error) {
        let earlier = Refusals { combined: self.combined.take() };
        self.combined = Some(earlier.and(error));
    }

    /// `value`, unless something was refused on the way to it.
    pub(crate) fn unless_refused<T>(self, value: T) -> Result<T> {
        match self.combined {
            Some(combined) => Err(combined),
            None => Ok(value),
        }
    }
    /// All refusals, and then `error`, which ended the reading.
    pub(crate) fn and(self, error: Error) -> Error {
        match self.combined {
            Some(mut combined) => {
                combined.combine(error);
                combined
            }
            None => error,
        }
    }
}
