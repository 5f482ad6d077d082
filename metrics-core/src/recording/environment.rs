//! What the environment may change of the program's configuration.
//!
//! It overrides what the program asked for and never adds to it: a program that configured no dump
//! writes none, whatever the environment says. A program can rename the variable or refuse it, and in
//! a setuid program it is ignored.

use crate::encode::Format;
use crate::recording::dump::Dump;

/// What the variable says.
#[derive(Debug)]
pub(super) enum Override {
    /// Not set, or not to be listened to.
    None,
    /// No dump at all.
    Off,
    /// This one instead of those configured.
    Dump(Dump),
    /// Not understood; the message says why.
    Refused(String),
}

/// Reads `<PREFIX>_DUMP`.
pub(super) fn dump(prefix: &str) -> Override {
    if is_privileged() {
        return Override::None;
    }
    let name = format!("{prefix}_DUMP");
    match std::env::var_os(&name) {
        None => Override::None,
        Some(value) => match value.to_str() {
            Some(text) => parse(&name, text),
            None => Override::Refused(format!("{name} is not UTF-8")),
        },
    }
}

/// `table|json|prometheus|openmetrics|off[:path]`.
fn parse(name: &str, text: &str) -> Override {
    let (format, path) = match text.split_once(':') {
        Some((format, path)) => (format, Some(path)),
        None => (text, None),
    };
    if format == "off" {
        return Override::Off;
    }
    match (format.parse::<Format>(), path) {
        (Ok(_), Some("")) => {
            Override::Refused(format!("{name}=`{text}` names no file after the colon"))
        }
        (Ok(format), Some(path)) => Override::Dump(Dump::of(format).to_file(path)),
        (Ok(format), None) => Override::Dump(Dump::of(format)),
        (Err(error), _) => Override::Refused(format!("{name}=`{text}`: {error}, or off")),
    }
}

/// True when whoever started the program is not who it runs as: the environment is then someone
/// else's.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn is_privileged() -> bool {
    // SAFETY: `getauxval` reads a value that the kernel gave to the process.
    unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
}

#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
pub(super) fn is_privileged() -> bool {
    // SAFETY: these four only read identities of the process.
    let users = unsafe { libc::getuid() != libc::geteuid() };
    // SAFETY: as above.
    let groups = unsafe { libc::getgid() != libc::getegid() };
    users || groups
}

#[cfg(not(unix))]
pub(super) fn is_privileged() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_understood_and_anything_else_is_named() {
        let said = |text| format!("{:?}", parse("X_DUMP", text));
        assert!(said("off").contains("Off"));
        assert!(said("off:ignored").contains("Off"));
        assert!(said("json").contains("Json") && said("json").contains("Stderr"));
        assert!(said("prometheus:/tmp/a:b").contains("\"/tmp/a:b\""));
        assert!(said("table").contains("Table") && said("openmetrics").contains("OpenMetrics"));
        assert!(said("xml").contains("Refused") && said("xml").contains("X_DUMP=`xml`"));
        assert!(said("xml").contains("openmetrics"), "lists the formats: {}", said("xml"));
        assert!(said("json:").contains("names no file"));
        assert!(said("").contains("Refused"));
    }
}
