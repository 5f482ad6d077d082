//! What a call says besides name and labels: what of it is known while the program is compiled, and
//! what is not.

use syn::{Expr, LitStr};

use crate::parse::argument::string_literal;
use crate::parse::option::Options;
use crate::parse::value::is_known_unit;

/// What a call says of its metric.
pub(crate) struct Said {
    pub(crate) unit: Option<Expr>,
    pub(crate) description: Option<Expr>,
    pub(crate) schema: Option<i8>,
    pub(crate) buckets: Option<Vec<Expr>>,
    /// Looked at by nobody but the compiler.
    pub(crate) target: Option<Expr>,
    pub(crate) level: Option<Expr>,
}

impl From<Options> for Said {
    fn from(options: Options) -> Said {
        Said {
            unit: options.unit.map(|given| given.value),
            description: options.description.map(|given| given.value),
            schema: options.schema,
            buckets: options.buckets,
            target: options.target,
            level: options.level,
        }
    }
}

impl Said {
    /// The unit, where it is known while the program is compiled.
    pub(crate) fn known_unit(&self) -> Option<&Expr> {
        self.unit.as_ref().filter(|unit| is_known_unit(unit))
    }

    /// The unit, where it is known only at run time.
    pub(crate) fn computed_unit(&self) -> Option<&Expr> {
        self.unit.as_ref().filter(|unit| !is_known_unit(unit))
    }

    /// The description, where it is a literal.
    pub(crate) fn known_description(&self) -> Option<&LitStr> {
        self.description.as_ref().and_then(string_literal)
    }

    /// The description, where it is known only at run time.
    pub(crate) fn computed_description(&self) -> Option<&Expr> {
        self.description.as_ref().filter(|text| string_literal(text).is_none())
    }

    /// True where some of it is known only at run time.
    pub(crate) fn is_computed(&self) -> bool {
        self.computed_unit().is_some() || self.computed_description().is_some()
    }
}
