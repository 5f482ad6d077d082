//! Where a dump goes: standard error, standard output, or a file that is never half written.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::encode;

/// Where a dump goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Destination {
    Stderr,
    Stdout,
    /// A path that may hold `%p`, `%e` and `%t`.
    File(PathBuf),
}

impl Destination {
    /// Writes `text`, whole. `started` is the start of the run.
    pub(super) fn write(&self, text: &str, started: SystemTime) -> io::Result<()> {
        match self {
            Destination::Stderr => write_to(&mut io::stderr().lock(), text),
            Destination::Stdout => write_to(&mut io::stdout().lock(), text),
            Destination::File(pattern) => replace(&expand(pattern, started), text),
        }
    }

    /// True when a person reads it at once.
    pub(super) fn is_terminal(&self) -> bool {
        match self {
            Destination::Stderr => io::stderr().is_terminal(),
            Destination::Stdout => io::stdout().is_terminal(),
            Destination::File(_) => false,
        }
    }

    /// The columns of the terminal, if it is one and says so.
    pub(super) fn columns(&self) -> Option<usize> {
        if !self.is_terminal() {
            return None;
        }
        terminal_columns(self).filter(|columns| *columns > 0)
    }

    /// What messages call it.
    pub(super) fn name(&self, started: SystemTime) -> String {
        match self {
            Destination::Stderr => "standard error".to_owned(),
            Destination::Stdout => "standard output".to_owned(),
            Destination::File(pattern) => format!("`{}`", expand(pattern, started).display()),
        }
    }
}

fn write_to(out: &mut impl Write, text: &str) -> io::Result<()> {
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Puts `text` at `path`: written beside it and renamed, so that whoever looks sees the old file or
/// the new one. What is no ordinary file (a device, a pipe) is written to as it is.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    // The file behind a link is replaced, not the link.
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if fs::metadata(&real).is_ok_and(|found| !found.is_file()) {
        return write_to(&mut File::options().write(true).open(&real)?, text);
    }
    let Some(name) = real.file_name() else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"));
    };
    let mut beside = OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}.tmp", std::process::id()));
    let beside = real.with_file_name(beside);
    let written = File::create(&beside).and_then(|mut file| write_to(&mut file, text));
    let replaced = written.and_then(|()| fs::rename(&beside, &real));
    if replaced.is_err() {
        // What could not be finished is not left behind.
        let _ = fs::remove_file(&beside);
    }
    replaced
}

/// `%p` is the process id, `%e` the program's name, `%t` the start of the run in UTC
/// (`20261122T102824Z`), `%%` a percent sign; anything else stays as it is.
fn expand(pattern: &Path, started: SystemTime) -> PathBuf {
    let Some(text) = pattern.to_str() else { return pattern.to_owned() };
    let mut path = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match (letter, letters.clone().next()) {
            ('%', Some('p')) => path.push_str(&std::process::id().to_string()),
            ('%', Some('e')) => path.push_str(&program()),
            ('%', Some('t')) => encode::push_compact_time(started, &mut path),
            ('%', Some('%')) => path.push('%'),
            _ => {
                path.push(letter);
                continue;
            }
        }
        letters.next();
    }
    PathBuf::from(path)
}

/// The program's name, without folder and ending.
fn program() -> String {
    let path =
        std::env::current_exe().ok().or_else(|| std::env::args_os().next().map(PathBuf::from));
    let name =
        path.as_deref().and_then(Path::file_stem).map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| "program".to_owned())
}

#[cfg(unix)]
fn terminal_columns(destination: &Destination) -> Option<usize> {
    let descriptor = match destination {
        Destination::Stderr => libc::STDERR_FILENO,
        Destination::Stdout => libc::STDOUT_FILENO,
        Destination::File(_) => return None,
    };
    let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
    // SAFETY: TIOCGWINSZ writes one `winsize` to the place it is given, and `size` is one.
    let answer = unsafe { libc::ioctl(descriptor, libc::TIOCGWINSZ, &raw mut size) };
    (answer == 0).then_some(usize::from(size.ws_col))
}

#[cfg(not(unix))]
fn terminal_columns(_: &Destination) -> Option<usize> {
    std::env::var("COLUMNS").ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    #[test]
    fn a_pattern_is_expanded_and_what_it_does_not_know_stays() {
        let expanded = expand(Path::new("/tmp/%e-%p-%t-%%-%x-%"), UNIX_EPOCH);
        let expected = format!("/tmp/{}-{}-19700101T000000Z-%-%x-%", program(), std::process::id());
        assert_eq!(expanded, Path::new(&expected));
        assert!(program().starts_with("tachograph"), "{}", program());
    }

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let folder =
            std::env::temp_dir().join(format!("tachograph-replace-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("dump.txt");
        for text in ["first, and longer", "second"] {
            replace(&path, text).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        assert!(replace(&folder.join("missing/dump.txt"), "x").is_err());
        fs::remove_dir_all(&folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_link_keeps_its_target_and_a_device_stays_one() {
        use std::os::unix::fs::{FileTypeExt, symlink};

        let folder = std::env::temp_dir().join(format!("tachograph-link-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (target, link) = (folder.join("target"), folder.join("link"));
        fs::write(&target, "old").unwrap();
        symlink(&target, &link).unwrap();
        replace(&link, "new").unwrap();
        assert_eq!(fs::read_to_string(&target).unwrap(), "new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        replace(Path::new("/dev/null"), "gone").unwrap();
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
        fs::remove_dir_all(&folder).unwrap();
    }
}
