//! What a program says of a whole registry before it holds: checked piece by piece, and what cannot be
//! is left out and told, so that a run is never lost for it.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;
use crate::presentation::{Naming, Presentation};
use crate::registry::bounds;
use crate::registry::lint::Lint;
use crate::registry::pattern::Pattern;
use crate::registry::settings::Settings;

/// How long a collector may take: less is no time for a thread to be woken, and more no deadline.
const DEADLINES: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_secs(60);

/// What is wished, and what of it cannot be.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wishes {
    max_series: Option<u32>,
    max_series_of: Vec<(Pattern, u32)>,
    bounds_of: Vec<(Pattern, Vec<f64>)>,
    idle_timeout: Option<Duration>,
    collector_deadline: Option<Duration>,
    presentation: Presentation,
    refused: Vec<Lint>,
}

impl Wishes {
    pub(crate) fn max_series(&mut self, max_series: u32) {
        self.max_series = Some(max_series);
    }

    pub(crate) fn max_series_of(&mut self, pattern: &str, max_series: u32) {
        let pattern = Pattern::new(pattern);
        self.max_series_of
            .extend(self.refused.or_told("max_series_of", pattern).map(|p| (p, max_series)));
    }

    pub(crate) fn buckets(&mut self, pattern: &str, bounds: &[f64]) {
        let bounds = bounds::checked(bounds).map_err(|error| {
            Error::invalid(format!("the buckets of `{pattern}` cannot be: {error}"))
        });
        let both = Pattern::new(pattern).and_then(|pattern| Ok((pattern, bounds?)));
        self.bounds_of.extend(self.refused.or_told("buckets", both));
    }

    pub(crate) fn idle_timeout(&mut self, timeout: Duration) {
        self.idle_timeout = Some(timeout);
    }

    pub(crate) fn collector_deadline(&mut self, deadline: Duration) {
        let checked = if DEADLINES.contains(&deadline) {
            Ok(deadline)
        } else {
            Err(Error::invalid(format!(
                "a collector cannot have a deadline of {deadline:?}: choose one from {:?} to {:?}",
                DEADLINES.start(),
                DEADLINES.end()
            )))
        };
        let checked = self.refused.or_told("collector_deadline", checked);
        self.collector_deadline = checked.or(self.collector_deadline);
    }

    pub(crate) fn prefix(&mut self, prefix: &str) {
        let set = self.presentation.set_prefix(prefix);
        self.refused.or_told("prefix", set);
    }

    pub(crate) fn label(&mut self, key: &str, value: &str) {
        let set = self.presentation.set_label(key, value);
        self.refused.or_told("label", set);
    }

    pub(crate) fn naming(&mut self, naming: Naming) {
        self.presentation.set_naming(naming);
    }

    /// True where there is nothing to change.
    pub(super) fn are_none(&self) -> bool {
        self.max_series.is_none()
            && self.max_series_of.is_empty()
            && self.bounds_of.is_empty()
            && self.idle_timeout.is_none()
            && self.collector_deadline.is_none()
            && self.presentation == Presentation::default()
    }

    /// Changes what was wished, and leaves the rest.
    pub(super) fn change(&self, settings: &mut Settings) {
        settings.max_series = self.max_series.unwrap_or(settings.max_series);
        replace(&mut settings.max_series_of, &self.max_series_of);
        replace(&mut settings.bounds_of, &self.bounds_of);
        settings.idle_timeout = self.idle_timeout.or(settings.idle_timeout);
        settings.collector_deadline =
            self.collector_deadline.unwrap_or(settings.collector_deadline);
        Arc::make_mut(&mut settings.presentation).overlay(&self.presentation);
    }

    /// What cannot be, each with what it was said by.
    pub(crate) fn refused(&self) -> &[Lint] {
        &self.refused
    }
}

/// Adds what is said now, in the place of what was said of the same pattern before.
fn replace<T: Clone>(all: &mut Vec<(Pattern, T)>, said: &[(Pattern, T)]) {
    all.retain(|(pattern, _)| said.iter().all(|(new, _)| new != pattern));
    all.extend(said.iter().cloned());
}

/// Where what cannot be is kept.
trait Refused {
    /// The value, or none and a lint that names what it was said by.
    fn or_told<T>(&mut self, said_by: &str, value: Result<T, Error>) -> Option<T>;
}

impl Refused for Vec<Lint> {
    fn or_told<T>(&mut self, said_by: &str, value: Result<T, Error>) -> Option<T> {
        value.inspect_err(|error| self.push(Lint::new(said_by, error.to_string()))).ok()
    }
}
