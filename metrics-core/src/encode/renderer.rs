//! A registry as text, again and again.

use crate::encode::exposition::{Dialect, Template, write_body};
use crate::encode::format::Format;
use crate::registry::Registry;
use crate::snapshot::{Reader, Snapshot};

/// Writes a registry again and again, as an exporter does, at a lower price than [`Registry::render`].
///
/// It is a [`Reader`] that also keeps what of a text was the same the last time: all but the numbers, as long as no series
/// comes or goes. That takes about as much memory as a body, for each of the two formats of Prometheus that is asked for.
///
/// # Examples
///
/// ```
/// use tachograph::{Format, Registry};
///
/// let registry = Registry::new();
/// let lines = registry.counter("lines_total", &[])?;
/// let mut renderer = registry.renderer();
/// for count in 1..=3 {
///     lines.increment(1);
///     let mut body = String::new();
///     renderer.write_to(Format::Prometheus, &mut body);
///     assert_eq!(body, format!("# TYPE lines_total counter\nlines_total {count}\n"));
/// }
/// # Ok::<(), tachograph::Error>(())
/// ```
#[derive(Debug)]
pub struct Renderer {
    reader: Reader,
    prometheus: Kept,
    openmetrics: Kept,
}

/// What is known of one format's text.
#[derive(Debug, Default)]
struct Kept {
    /// Of which [renewal](Reader::read_and_tell) of the snapshot the last text was.
    renewal: Option<u64>,
    template: Option<Template>,
}

impl Registry {
    /// A renderer of this registry, which writes it in any format, one text after the other.
    pub fn renderer(&self) -> Renderer {
        Renderer {
            reader: self.reader(),
            prometheus: Kept::default(),
            openmetrics: Kept::default(),
        }
    }
}

impl Renderer {
    /// Everything that was recorded so far, as [`Reader::read`] gives it.
    pub fn read(&mut self) -> &Snapshot {
        self.reader.read()
    }

    /// Appends everything that was recorded so far, as [`Snapshot::write_to`] writes what [`read`](Renderer::read) gives.
    ///
    /// As with that, no collector runs: [`Registry::collect_all`] does.
    pub fn write_to(&mut self, format: Format, out: &mut String) {
        let (snapshot, renewal) = self.reader.read_and_tell();
        match format {
            Format::Prometheus => {
                self.prometheus.write(Dialect::Prometheus, snapshot, renewal, out)
            }
            Format::OpenMetrics => {
                self.openmetrics.write(Dialect::OpenMetrics, snapshot, renewal, out);
            }
            Format::Json | Format::Table => snapshot.write_to(format, out),
        }
    }
}

impl Kept {
    fn write(&mut self, dialect: Dialect, snapshot: &Snapshot, renewal: u64, out: &mut String) {
        let is_the_same = self.renewal == Some(renewal);
        if is_the_same && self.template.as_ref().is_some_and(|kept| kept.fill(snapshot, out)) {
            return;
        }
        // A template is made of the second text that is the same: where series come and go all the time it would be in vain.
        self.renewal = Some(renewal);
        self.template = is_the_same.then(Template::default);
        write_body(dialect, snapshot, None, self.template.as_mut(), out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(renderer: &mut Renderer, format: Format) -> String {
        let mut body = String::new();
        renderer.write_to(format, &mut body);
        body
    }

    #[test]
    fn the_third_body_is_put_together_from_what_is_kept() {
        let registry = Registry::new();
        let sizes = registry.histogram("size_bytes", &[]).unwrap();
        let mut renderer = registry.renderer();
        for round in 0..4 {
            sizes.record(1.0);
            let body = write(&mut renderer, Format::OpenMetrics);
            assert_eq!(body, registry.snapshot().render(Format::OpenMetrics));
            assert_eq!(renderer.openmetrics.template.is_some(), round > 0);
            assert!(renderer.prometheus.template.is_none());
        }
        let (snapshot, _) = renderer.reader.read_and_tell();
        let fills = |template: &Option<Template>| {
            template.as_ref().is_some_and(|it| it.fill(snapshot, &mut String::new()))
        };
        assert!(fills(&renderer.openmetrics.template));
    }

    #[test]
    fn what_is_kept_goes_when_there_is_something_new() {
        let registry = Registry::new();
        let sizes = registry.histogram("size_bytes", &[]).unwrap();
        let mut renderer = registry.renderer();
        (0..3).for_each(|_| drop(write(&mut renderer, Format::OpenMetrics)));
        // It is no histogram any more.
        sizes.record(-1.0);
        let body = write(&mut renderer, Format::OpenMetrics);
        assert!(body.starts_with("# TYPE size_bytes_bucket unknown\n"), "{body}");
        assert_eq!(write(&mut renderer, Format::OpenMetrics), body);
        registry.gauge("level", &[]).unwrap().set(1);
        let body = write(&mut renderer, Format::OpenMetrics);
        assert!(body.starts_with("# TYPE level gauge\nlevel 1\n"), "{body}");
        assert!(renderer.openmetrics.template.is_none());
    }
}
