//! What is to be collected, where to, and how often.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::error::Error;
use crate::registry::{Registry, registry};
use crate::system::SystemMetrics;
use crate::system::descriptor::{self, BUILD_INFO, Descriptor, TARGET_INFO};
use crate::system::page::Page;

const INTERVALS: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(86_400);

/// Settings of [`SystemMetrics`].
#[derive(Debug, Clone)]
#[must_use = "nothing happens before `.start()`"]
pub struct SystemMetricsBuilder {
    /// None: the global one.
    registry: Option<Registry>,
    interval: Duration,
    infos: Vec<Info>,
}

/// A series that is always 1, and says something by its labels.
#[derive(Debug, Clone)]
pub(super) struct Info {
    descriptor: &'static Descriptor,
    labels: Vec<(String, String)>,
}

impl Default for SystemMetricsBuilder {
    fn default() -> SystemMetricsBuilder {
        SystemMetricsBuilder {
            registry: None,
            interval: Duration::from_secs(30),
            infos: Vec::new(),
        }
    }
}

impl SystemMetricsBuilder {
    /// Where the series go; the global registry by default.
    pub fn registry(mut self, registry: &Registry) -> SystemMetricsBuilder {
        self.registry = Some(registry.clone());
        self
    }

    /// How often the thread collects: from a second to a day, 30 seconds by default.
    pub fn interval(mut self, interval: Duration) -> SystemMetricsBuilder {
        self.interval = interval;
        self
    }

    /// A series `build_info` with the labels `version` and `revision`, always 1: which build a value came from. Given
    /// again, it replaces what was given before.
    pub fn build_info(self, version: &str, revision: &str) -> SystemMetricsBuilder {
        self.info(&BUILD_INFO, &[("version", version), ("revision", revision)])
    }

    /// A series `target_info` with these labels, always 1: where OpenTelemetry expects the attributes of a resource, such as
    /// `service.name`. Given again, it replaces what was given before.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::{Registry, SystemMetrics};
    ///
    /// let registry = Registry::new();
    /// let attributes = [("service.name", "shop"), ("service.instance.id", "shop-7")];
    /// let builder = SystemMetrics::builder().registry(&registry).target_info(&attributes);
    /// builder.build()?.collect();
    /// assert_eq!(registry.snapshot().gauge("target_info", &attributes), Some(1.0));
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn target_info(self, attributes: &[(&str, &str)]) -> SystemMetricsBuilder {
        self.info(&TARGET_INFO, attributes)
    }

    fn info(
        mut self,
        descriptor: &'static Descriptor,
        labels: &[(&str, &str)],
    ) -> SystemMetricsBuilder {
        let owned = |&(key, value): &(&str, &str)| (key.to_owned(), value.to_owned());
        self.infos.retain(|info| info.descriptor.name != descriptor.name);
        self.infos.push(Info { descriptor, labels: labels.iter().map(owned).collect() });
        self
    }

    /// Makes it without a thread: its owner [collects](SystemMetrics::collect). The interval means nothing then, and must
    /// still be in its range.
    ///
    /// # Errors
    ///
    /// When the interval is out of its range, when a label breaks its rules, and when `build_info` or `target_info`
    /// belongs to another kind.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use tachograph::SystemMetrics;
    ///
    /// let error = SystemMetrics::builder().interval(Duration::from_millis(5)).build().unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "the system's metrics cannot have an interval of 5ms: choose one from 1s to 86400s"
    /// );
    /// ```
    pub fn build(self) -> Result<SystemMetrics, Error> {
        if !INTERVALS.contains(&self.interval) {
            return Err(Error::invalid(format!(
                "the system's metrics cannot have an interval of {:?}: choose one from {:?} to {:?}",
                self.interval,
                INTERVALS.start(),
                INTERVALS.end()
            )));
        }
        let registry = self.registry.unwrap_or_else(|| registry().clone());
        for descriptor in descriptor::ALL {
            registry.describe(descriptor.name, descriptor.unit, descriptor.text)?;
        }
        for info in &self.infos {
            info.register(&registry)?;
        }
        Ok(SystemMetrics::new(registry, self.infos))
    }

    /// Starts a thread named `tachograph-system`, which collects at once and then at each interval, until what this
    /// returns is dropped.
    ///
    /// # Errors
    ///
    /// Those of [`build`](SystemMetricsBuilder::build), and when the system has no thread to give
    /// ([`Error::is_overflow`]).
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::{Registry, SystemMetrics};
    ///
    /// let registry = Registry::new();
    /// let mut system = SystemMetrics::builder().registry(&registry).start()?;
    /// system.stop();
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn start(self) -> Result<SystemMetrics, Error> {
        let interval = self.interval;
        self.build()?.start(interval)
    }
}

impl Info {
    /// Registers it.
    fn register(&self, registry: &Registry) -> Result<(), Error> {
        registry.gauge(self.descriptor.name, &self.labels())?.set(1.0);
        Ok(())
    }

    /// Says it in a collection.
    pub(super) fn show(&self, page: &mut Page) {
        page.set(self.descriptor, &self.labels(), 1.0);
    }

    fn labels(&self) -> Vec<(&str, &str)> {
        self.labels.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
    }
}
