//! What a call says of its metric: checked, and not kept.

use crate::kind::Kind;
use crate::unit::Unit;

/// In place of what stands in the program's text.
#[derive(Debug, Clone, Copy, Default)]
pub struct Said(());

macro_rules! said {
    ($($name:ident($value:ty)),*) => {
        $(
            /// Keeps nothing.
            #[must_use]
            pub const fn $name(self, _: $value) -> Said {
                self
            }
        )*
    };
}

impl Said {
    /// Nothing.
    pub const fn new() -> Said {
        Said(())
    }

    said!(unit(Unit), describe(&'static str), schema(i8), bounds(&'static [f64]));
}

/// In place of what is said once at a site.
#[derive(Debug)]
pub struct Description(());

impl Description {
    /// Keeps nothing.
    pub const fn new(_: Kind, _: &'static str) -> Description {
        Description(())
    }

    /// There is nobody to say it to.
    #[inline(always)]
    pub fn is_due(&self) -> bool {
        false
    }

    /// Does nothing.
    #[inline(always)]
    pub fn say(&self, _: Option<Unit>, _: Option<&str>) {}
}

/// Does nothing.
#[inline(always)]
pub fn describe(_: Kind, _: &str, _: Option<Unit>, _: &str) {}
