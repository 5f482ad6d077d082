//! The families of an exposition: which series stand together, under which name, as which type.
//!
//! Names are written as they are wherever the format can hold them. The rest is decided here, once for
//! both text formats, so that a series has the same name in each: what the character set lacks is
//! replaced, and where two metrics would share a name or a part of one (`x_count` of a histogram `x`),
//! one of them gets the digits of a hash. The digits depend on the written name alone, so they never
//! move to another metric while metrics come and go.
//!
//! Whose a name is: the metric's that is written so, the prefix of all left aside; among those, the one that
//! sorts first. Metrics whose written names only become equal by replacement, or by the style of names that was
//! asked for, all get digits. What a family takes as well in OpenMetrics (`x` and `x_created` beside `x_total`) renames nobody: there it becomes `unknown`.

use std::borrow::Cow;
use std::iter;
use std::ptr;

use crate::encode::exposition::claims::{self, Claims};
use crate::encode::exposition::hash_digits;
use crate::encode::openmetrics::family_of_counter;
use crate::kind::Kind;
use crate::presentation::{Presentation, metric_name};
use crate::snapshot::Series;

/// Series of one name and kind, and how they go out.
#[derive(Debug)]
pub(super) struct Family<'a> {
    /// The name that the series go out under.
    pub(super) name: Cow<'a, str>,
    pub(super) kind: Kind,
    pub(super) series: &'a [Series],
    /// True when the name is what the program wrote, behind the prefix of all.
    is_as_written: bool,
    /// True when the name is not that of the metric because another one has it.
    pub(super) is_renamed: bool,
    /// False when OpenMetrics cannot express the kind under that name.
    pub(super) is_typed: bool,
    /// The name of the counter of a timer's self time.
    pub(super) self_time: Option<String>,
}

impl<'a> Family<'a> {
    /// The families of sorted series, in their order.
    pub(super) fn all(series: &'a [Series], presentation: &Presentation) -> Vec<Family<'a>> {
        let runs =
            series.chunk_by(|one, next| one.kind() == next.kind() && has_same_name(one, next));
        let families = runs.filter_map(|series| Family::new(series, presentation));
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
        if has_timers {
            name_self_times(&mut families, &mut claims, presentation);
        }
        families
    }

    /// Under its own name, for now.
    fn new(series: &'a [Series], presentation: &Presentation) -> Option<Family<'a>> {
        let first = series.first()?;
        let (name, is_as_written) = name_of(first, presentation);
        Some(Family {
            name,
            kind: first.kind(),
            series,
            is_as_written,
            is_renamed: false,
            is_typed: true,
            self_time: None,
        })
    }

    /// The name that the program gave.
    pub(super) fn written(&self) -> &'a str {
        self.series.first().map_or("", Series::name)
    }

    /// The name that it would go out under if no other metric had it.
    pub(super) fn own_name(&self, presentation: &Presentation) -> Cow<'_, str> {
        match self.series.first() {
            Some(first) if self.is_renamed => name_of(first, presentation).0,
            _ => Cow::Borrowed(&self.name),
        }
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

/// Names the counters of self time, which give way to whatever the program named itself.
fn name_self_times(families: &mut [Family<'_>], claims: &mut Claims, presentation: &Presentation) {
    for family in families.iter_mut().filter(|family| family.kind == Kind::Timer) {
        let name = family.own_name(presentation);
        let stem = name.strip_suffix("_seconds").unwrap_or(&name);
        let stem = stem.strip_suffix("_duration").unwrap_or(stem);
        let own = format!("{stem}_self_seconds_total");
        let with_digits = (0..).map(|salt| family.with_digits(&own, salt));
        let mut names = iter::once(own.clone()).chain(with_digits);
        family.self_time = names.find(|name| claims.take(&claims::of_total(name)));
    }
}
