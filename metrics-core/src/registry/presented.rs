//! How a registry of one's own shows names and labels, said before it is made.

use std::sync::Arc;

use crate::presentation::{Naming, Presentation};
use crate::registry::RegistryBuilder;
use crate::registry::lint::Lint;

impl RegistryBuilder {
    /// Shows every name with this before it, joined by `_`: [`Init::prefix`](crate::Init::prefix) for a registry of
    /// one's own. A prefix that cannot be is left out, and a [lint](crate::Registry::lints) says so.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::{Format, Registry};
    ///
    /// let registry = Registry::builder().prefix("myapp").build();
    /// registry.counter("lines_total", &[])?.increment(3);
    /// let snapshot = registry.snapshot();
    /// assert!(snapshot.render(Format::Prometheus).ends_with("\nmyapp_lines_total 3\n"));
    /// assert_eq!(snapshot.counter("lines_total", &[]), Some(3));
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn prefix(mut self, prefix: &str) -> RegistryBuilder {
        if let Err(error) = self.presentation().set_prefix(prefix) {
            self.refused.push(Lint::new("prefix", error.to_string()));
        }
        self
    }

    /// Shows every series with this label: [`Init::label`](crate::Init::label) for a registry of one's own. A label that
    /// cannot be is left out, and a [lint](crate::Registry::lints) says so.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::{Format, Registry};
    ///
    /// let registry = Registry::builder().label("region", "eu").build();
    /// registry.gauge("jobs", &[("queue", "mail")])?.set(2);
    /// let body = registry.render(Format::Prometheus);
    /// assert!(body.ends_with("\njobs{queue=\"mail\",region=\"eu\"} 2\n"));
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn label(mut self, key: &str, value: &str) -> RegistryBuilder {
        if let Err(error) = self.presentation().set_label(key, value) {
            self.refused.push(Lint::new("label", error.to_string()));
        }
        self
    }

    /// Shows names in this style: [`Init::naming`](crate::Init::naming) for a registry of one's own.
    ///
    /// # Examples
    ///
    /// ```
    /// use tachograph::{Format, Naming, Registry};
    ///
    /// let registry = Registry::builder().naming(Naming::Recommended).build();
    /// registry.counter("http.requests", &[])?.increment(3);
    /// assert!(registry.render(Format::OpenMetrics).contains("\nhttp_requests_total 3\n"));
    /// # Ok::<(), tachograph::Error>(())
    /// ```
    pub fn naming(mut self, naming: Naming) -> RegistryBuilder {
        self.presentation().set_naming(naming);
        self
    }

    fn presentation(&mut self) -> &mut Presentation {
        Arc::make_mut(&mut self.settings.presentation)
    }
}
