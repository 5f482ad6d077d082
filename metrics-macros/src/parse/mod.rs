//! First stage: from tokens to what was written, as it was written.
//!
//! [`argument`] reads the comma-separated list that all macros take, with [`option`] for its options and
//! [`label`] for its labels; [`item`] reads what stands under an attribute, [`label_set`] under a derive. This stage knows shapes only:
//! whether a name is empty, or a label given twice, is for [`crate::model`].

pub(crate) mod argument;
pub(crate) mod block;
pub(crate) mod body;
pub(crate) mod item;
pub(crate) mod label;
pub(crate) mod label_set;
pub(crate) mod option;
pub(crate) mod signature;
pub(crate) mod value;
