//! The counts that the repository keeps.

use std::collections::HashMap;
use std::fs;

/// Where they stand.
pub(crate) const FILE: &str = "benches/instructions/recorded.txt";

const HEADING: &str = "\
# Instructions of one call, its `ret` included, as `cargo bench --bench instructions` counts them.
# Written by it with TACHOGRAPH_RECORD=1.
";

/// The counts by path.
pub(crate) struct Recorded(HashMap<String, u64>);

impl Recorded {
    /// Reads the file; without one, nothing is recorded.
    pub(crate) fn read() -> Result<Recorded, String> {
        let text = fs::read_to_string(path()).unwrap_or_default();
        let mut counts = HashMap::new();
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let parsed = line.rsplit_once(' ').and_then(|(name, count)| {
                Some((name.trim().to_owned(), count.parse::<u64>().ok()?))
            });
            let (name, count) = parsed.ok_or_else(|| {
                format!("`{line}` in {FILE} is not the name of a path and a number")
            })?;
            counts.insert(name, count);
        }
        Ok(Recorded(counts))
    }

    /// What was recorded of a path.
    pub(crate) fn of(&self, path: &str) -> Option<u64> {
        self.0.get(path).copied()
    }
}

/// Writes all counts.
pub(crate) fn write(counted: &[(&str, u64)]) -> Result<(), String> {
    let mut text = format!("{HEADING}# Counted on {}.\n\n", built_for());
    for (name, count) in counted {
        text.push_str(&format!("{name:<40} {count}\n"));
    }
    fs::write(path(), text).map_err(|error| format!("cannot write {FILE}: {error}"))?;
    println!("recorded in {FILE}");
    Ok(())
}

/// The compiler and the architecture that this program was made by and for.
pub(crate) fn built_for() -> String {
    let compiler = std::process::Command::new("rustc").arg("--version").output();
    let compiler = compiler.ok().map_or("an unknown compiler".to_owned(), |told| {
        String::from_utf8_lossy(&told.stdout).trim().to_owned()
    });
    format!("{compiler}, {} {}", std::env::consts::ARCH, std::env::consts::OS)
}

fn path() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE)
}
