//! In place of the sites that look up their series at each call.

use crate::inert::handle::{Counter, Gauge, Histogram, Rate, Summary, Timer};
use crate::inert::label_pair::LabelPair;
use crate::inert::said::Said;
use crate::kind::Kind;
use crate::label_set::LabelSet;
use crate::unit::Unit;

/// In place of what a site found.
#[derive(Debug, Clone, Copy)]
pub struct Found(());

macro_rules! handles {
    ($($name:ident $handle:ident),*) => {
        $(
            /// A handle that does nothing.
            #[inline(always)]
            pub fn $name(self) -> $handle {
                $handle(())
            }
        )*
    };
}

impl Found {
    handles!(counter Counter, gauge Gauge, histogram Histogram, timer Timer, rate Rate, summary Summary);
}

/// In place of a call with labels known at run time.
#[derive(Debug)]
pub struct Family<const N: usize>(());

impl<const N: usize> Family<N> {
    /// Keeps nothing.
    pub const fn new(
        _: Kind,
        _: &'static str,
        _: &'static [(&'static str, &'static str)],
        _: [&'static str; N],
    ) -> Family<N> {
        Family(())
    }

    /// Keeps nothing.
    pub const fn saying(
        _: Kind,
        _: &'static str,
        _: &'static [(&'static str, &'static str)],
        _: [&'static str; N],
        _: Said,
    ) -> Family<N> {
        Family(())
    }

    /// Finds nothing.
    #[inline(always)]
    pub fn find(&'static self, _: [&str; N]) -> Found {
        Found(())
    }
}

/// In place of a call with a name or keys known at run time.
#[derive(Debug)]
pub struct DynamicSite(());

impl DynamicSite {
    /// Keeps nothing.
    pub const fn new(_: Kind) -> DynamicSite {
        DynamicSite(())
    }

    /// Keeps nothing.
    pub const fn saying(_: Kind, _: Said) -> DynamicSite {
        DynamicSite(())
    }

    /// Keeps nothing.
    #[must_use]
    pub const fn with_literal_name(self) -> DynamicSite {
        self
    }

    /// Keeps nothing.
    #[inline(always)]
    pub fn described(&'static self, _: Option<Unit>, _: Option<&str>) -> Described {
        Described(())
    }

    /// Finds nothing.
    #[inline(always)]
    pub fn find(&'static self, _: &str, _: &[(&str, &str)]) -> Found {
        Found(())
    }

    /// Finds nothing, and asks no iterator for its labels.
    #[inline(always)]
    pub fn find_in<L>(&'static self, _: &str, _: L) -> Found
    where
        L: IntoIterator,
        L::Item: LabelPair,
    {
        Found(())
    }
}

/// In place of such a call, and what it says.
#[derive(Debug, Clone, Copy)]
pub struct Described(());

impl Described {
    /// Finds nothing.
    #[inline(always)]
    pub fn find(self, _: &str, _: &[(&str, &str)]) -> Found {
        Found(())
    }

    /// Finds nothing, and asks no iterator for its labels.
    #[inline(always)]
    pub fn find_in<L>(self, _: &str, _: L) -> Found
    where
        L: IntoIterator,
        L::Item: LabelPair,
    {
        Found(())
    }
}

/// In place of a call with the labels of a set.
#[derive(Debug)]
pub struct SetSite(());

impl SetSite {
    /// Keeps nothing.
    pub const fn new(
        _: Kind,
        _: &'static str,
        _: &'static [(&'static str, &'static str)],
    ) -> SetSite {
        SetSite(())
    }

    /// Keeps nothing.
    pub const fn saying(
        _: Kind,
        _: &'static str,
        _: &'static [(&'static str, &'static str)],
        _: Said,
    ) -> SetSite {
        SetSite(())
    }

    /// Finds nothing.
    #[inline(always)]
    pub fn find<S: LabelSet + ?Sized>(&'static self, _: &S) -> Found {
        Found(())
    }
}
