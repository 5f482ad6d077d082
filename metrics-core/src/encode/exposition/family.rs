//! The families of an exposition: which series stand together, under which name, as which type.
//!
//! Names are written as they are wherever the format can hold them. The rest is decided here, once for
//! all formats of Prometheus, so that a series has the same name in each: what the character set lacks is
//! replaced, and where two metrics would share a name or a part of one (`x_count` of a histogram `x`),
//! one of them gets the digits of a hash. The digits depend on the written name alone, so they never
//! move to another metric while metrics come and go.
//!
//! Whose a name is: the metric's that is written so, the prefix of all left aside; among those, the one that
//! sorts first. Metrics whose written names only become equal by replacement, or by the style of names that was
//! asked for, all get digits. What a family takes as well in OpenMetrics (`x` and `x_created` beside `x_total`) renames nobody: there it becomes `unknown`.

use std::borrow::Cow;
use std::iter;
use std::ops::Range;
use std::ptr;

use crate::encode::exposition::claims::{self, Claims};
use crate::encode::exposition::{Dialect, MetricType, hash_digits};
use crate::encode::openmetrics::{ends_in, family_of_counter};
use crate::kind::Kind;
use crate::presentation::{Presentation, metric_name};
use crate::snapshot::Series;
use crate::unit::Unit;

/// Series of one name and kind, and how they go out. The self time of a timer is a family of its own.
#[derive(Debug)]
pub(super) struct Family<'a> {
    /// The name that the series go out under.
    pub(super) name: Cow<'a, str>,
    pub(super) kind: Kind,
    pub(super) series: &'a [Series],
    /// Where the first of them stands among all.
    first: usize,
    /// For the self time of a timer, the name of the timer's family.
    timer: Option<Cow<'a, str>>,
    /// True when the name is what the program wrote, behind the prefix of all.
    is_as_written: bool,
    /// True when the name is not that of the metric because another one has it.
    is_renamed: bool,
    /// False when OpenMetrics cannot express the kind under that name.
    is_typed: bool,
    /// True where its values are durations in seconds, as far as kind and name tell: what buckets are chosen by.
    pub(super) is_of_seconds: bool,
}

impl<'a> Family<'a> {
    /// The families of sorted series, in their order.
    pub(super) fn all(series: &'a [Series], presentation: &Presentation) -> Vec<Family<'a>> {
        let runs =
            series.chunk_by(|one, next| one.kind() == next.kind() && has_same_name(one, next));
        let mut first = 0;
        let families = runs.filter_map(|series| {
            let family = Family::new(series, first, presentation);
            first += series.len();
            family
        });
        let mut families: Vec<Family<'a>> = families.collect();
        let mut claims = Claims::with_room_for(families.len());
        rename(&mut families, &mut claims);
        let mut has_timers = false;
        for family in &mut families {
            has_timers |= family.kind == Kind::Timer;
            family.is_typed = match family.kind {
                kind if kind.is_a_count() && family_of_counter(&family.name).is_none() => false,
                Kind::Gauge => true,
                _ => claims.take(&claims::in_openmetrics(&family.name, family.kind)),
            };
        }
        if has_timers { with_self_times(families, &mut claims, presentation) } else { families }
    }

    /// Under its own name, for now.
    fn new(series: &'a [Series], first: usize, presentation: &Presentation) -> Option<Family<'a>> {
        let one = series.first()?;
        let (name, is_as_written) = name_of(one, presentation);
        let kind = one.kind();
        Some(Family {
            is_of_seconds: kind == Kind::Timer || name.ends_with("_seconds"),
            name,
            kind,
            series,
            first,
            timer: None,
            is_as_written,
            is_renamed: false,
            is_typed: true,
        })
    }

    /// The name that the program gave.
    pub(super) fn written(&self) -> &'a str {
        self.series.first().map_or("", Series::name)
    }

    /// Where its series stand among all.
    pub(super) fn places(&self) -> Range<usize> {
        self.first..self.first + self.series.len()
    }

    /// True for the self time of a timer.
    pub(super) fn is_self_time(&self) -> bool {
        self.timer.is_some()
    }

    /// What it is in a dialect.
    pub(super) fn type_in(&self, dialect: Dialect) -> MetricType {
        let is_typed = match dialect {
            // Its family would have no name, which readers that know OpenMetrics trip over.
            Dialect::Prometheus => !self.kind.is_a_count() || self.name != "_total",
            // A sum that values below zero go into is none that only grows.
            Dialect::OpenMetrics if self.is_by_sign(dialect) => !has_negatives(self.series),
            Dialect::OpenMetrics => self.is_self_time() || self.is_typed,
        };
        if is_typed { self.usual_type() } else { MetricType::Untyped }
    }

    fn usual_type(&self) -> MetricType {
        match self.kind {
            _ if self.is_self_time() => MetricType::Counter,
            Kind::Counter | Kind::Rate => MetricType::Counter,
            Kind::Gauge => MetricType::Gauge,
            Kind::Histogram | Kind::Timer => MetricType::Histogram,
            Kind::Summary => MetricType::Summary,
        }
    }

    /// True where its type hangs on whether it holds values below zero.
    pub(super) fn is_by_sign(&self, dialect: Dialect) -> bool {
        let is_a_distribution = matches!(self.kind, Kind::Histogram | Kind::Timer | Kind::Summary);
        dialect == Dialect::OpenMetrics
            && self.is_typed
            && is_a_distribution
            && !self.is_self_time()
    }

    /// What is said of it; empty where there is nothing to say.
    pub(super) fn help(&self) -> Cow<'a, str> {
        if let Some(timer) = &self.timer {
            return Cow::Owned(format!("Time in {timer} itself, without the timed calls inside."));
        }
        // The series of a metric share what is said of it.
        let said = self.series.first().and_then(Series::description).unwrap_or("").trim();
        if !self.is_renamed {
            return Cow::Borrowed(said);
        }
        let written = self.written();
        let renamed = format!("The metric `{written}`, whose name is another's here. {said}");
        Cow::Owned(renamed.trim_end().to_owned())
    }

    pub(super) fn unit(&self) -> Option<Unit> {
        if self.is_self_time() { Some(Unit::Seconds) } else { self.series.first()?.unit() }
    }

    /// The unit, where the name ends in it, before the `_total` of a counter.
    pub(super) fn unit_in_name(&self) -> Option<Unit> {
        let stem = match self.usual_type() {
            MetricType::Counter => family_of_counter(&self.name).unwrap_or(&self.name),
            _ => &self.name,
        };
        self.unit().filter(|unit| ends_in(stem, unit.as_str()))
    }

    /// True when one of its names is asked for: that of the family, those of its lines, and that of a counter's
    /// family in OpenMetrics.
    pub(super) fn has_name(&self, is_asked: &dyn Fn(&str) -> bool) -> bool {
        let suffixes: &[&str] = match self.usual_type() {
            MetricType::Histogram => &["_bucket", "_sum", "_count"],
            MetricType::Summary => &["_sum", "_count"],
            MetricType::Counter if family_of_counter(&self.name).is_some_and(is_asked) => {
                return true;
            }
            _ => &[],
        };
        is_asked(&self.name)
            || suffixes.iter().any(|suffix| is_asked(&format!("{}{suffix}", self.name)))
    }

    /// What `text` is called where the name itself is taken: a counter keeps its `_total`.
    fn with_digits(&self, text: &str, salt: u32) -> String {
        let digits = hash_digits::digits(self.written(), u32::from(self.kind.code()) + (salt << 8));
        match text.strip_suffix("_total") {
            Some(stem) => format!("{stem}_{digits:08x}_total"),
            None => format!("{text}_{digits:08x}"),
        }
    }
}

/// The name of a metric where no other has it, and whether the program wrote it so, but for the prefix.
fn name_of<'a>(series: &'a Series, presentation: &Presentation) -> (Cow<'a, str>, bool) {
    let written = series.name();
    let (prefix, name) = if presentation.are_names_plain() {
        ("", Cow::Borrowed(written))
    } else {
        let name = presentation.unprefixed_name(written, series.kind(), series.unit());
        (presentation.prefix_of(written), name)
    };
    if prefix.is_empty() {
        // What is not borrowed is of a style whose characters are all known.
        let Cow::Borrowed(name) = name else { return (name, false) };
        let name = metric_name(name);
        let is_as_written = matches!(name, Cow::Borrowed(_));
        return (name, is_as_written);
    }
    let full = metric_name(&format!("{prefix}{name}")).into_owned();
    // The characters of a name are replaced each by itself, so what ends as it was written was left alone.
    let is_as_written = matches!(name, Cow::Borrowed(_)) && full.ends_with(written);
    (Cow::Owned(full), is_as_written)
}

/// True when a distribution among these series holds values below zero.
pub(super) fn has_negatives(series: &[Series]) -> bool {
    let mut all = series.iter().filter_map(|series| series.value().distribution());
    all.any(|one| one.count_below_zero() > 0)
}

/// True for the series of one metric; those that were registered together share the text.
fn has_same_name(one: &Series, next: &Series) -> bool {
    ptr::eq(one.name(), next.name()) || one.name() == next.name()
}

/// Takes what each family needs in both formats, and renames those that cannot have it.
fn rename(families: &mut [Family<'_>], claims: &mut Claims) {
    let mut is_replaced = false;
    for family in families.iter_mut() {
        if family.is_as_written {
            family.is_renamed = !claims.take(&claims::of(&family.name, family.kind));
        } else {
            is_replaced = true;
        }
    }
    if is_replaced {
        let replaced = |family: &&mut Family<'_>| !family.is_as_written;
        for family in families.iter_mut().filter(replaced) {
            claims.contest(&claims::of(&family.name, family.kind));
        }
        for family in families.iter_mut().filter(replaced) {
            family.is_renamed = claims.are_contested(&claims::of(&family.name, family.kind));
        }
    }
    for family in families.iter_mut().filter(|family| family.is_renamed) {
        let mut names = (0..).map(|salt| family.with_digits(&family.name, salt));
        if let Some(name) = names.find(|name| claims.take(&claims::of(name, family.kind))) {
            family.name = Cow::Owned(name);
        }
    }
}

/// With the counters of self time, each behind its timer. Their names give way to whatever the program named itself.
fn with_self_times<'a>(
    families: Vec<Family<'a>>,
    claims: &mut Claims,
    presentation: &Presentation,
) -> Vec<Family<'a>> {
    let mut all = Vec::with_capacity(families.len() * 2);
    for family in families {
        let self_time = self_time_of(&family, claims, presentation);
        all.push(family);
        all.extend(self_time);
    }
    all
}

fn self_time_of<'a>(
    timer: &Family<'a>,
    claims: &mut Claims,
    presentation: &Presentation,
) -> Option<Family<'a>> {
    let first = timer.series.first().filter(|_| timer.kind == Kind::Timer)?;
    // That which it would have if it were no other metric's.
    let own_name =
        if timer.is_renamed { name_of(first, presentation).0 } else { Cow::Borrowed(&*timer.name) };
    let stem = own_name.strip_suffix("_seconds").unwrap_or(&own_name);
    let stem = stem.strip_suffix("_duration").unwrap_or(stem);
    let own = format!("{stem}_self_seconds_total");
    let with_digits = (0..).map(|salt| timer.with_digits(&own, salt));
    let mut names = iter::once(own.clone()).chain(with_digits);
    let name = names.find(|name| claims.take(&claims::of_total(name)))?;
    Some(Family {
        name: Cow::Owned(name),
        timer: Some(timer.name.clone()),
        is_renamed: false,
        is_typed: true,
        ..*timer
    })
}
