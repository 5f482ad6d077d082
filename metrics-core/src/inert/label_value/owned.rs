//! Text that owns an allocation.

extern crate alloc;

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
#[cfg(target_has_atomic = "ptr")]
use alloc::sync::Arc;

use super::{LabelValue, values};

values!(String, Cow<'_, str>, Box<str>, Rc<str>);
#[cfg(target_has_atomic = "ptr")]
values!(Arc<str>);
