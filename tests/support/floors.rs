//! The floors of a crate: a module names only those above it in `lib.rs`.

use std::fs;
use std::path::{Path, PathBuf};

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The modules of `lib.rs`, in their order.
pub(crate) fn floors() -> Vec<String> {
    let lib = fs::read_to_string(source().join("lib.rs")).unwrap();
    let private = lib.lines().map(|line| line.strip_prefix("pub ").unwrap_or(line));
    let names = private.filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
    // It only hands names of lower floors on to the macros.
    names.filter(|name| *name != "__private").map(str::to_owned).collect()
}

/// Every source file of a module but its tests.
fn files(module: &str) -> Vec<PathBuf> {
    let mut found = vec![source().join(format!("{module}.rs"))];
    let mut folders = vec![source().join(module)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(folder) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| name != "tests.rs") {
                found.push(path);
            }
        }
    }
    found.retain(|path| path.is_file());
    found
}

/// The modules that the code of a file names, its unit tests and comments left out.
fn names(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let mut found = Vec::new();
    for line in lines {
        for after in line.split("crate::").skip(1) {
            let name = after.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
            found.push(name.to_owned());
        }
    }
    found
}

#[test]
fn a_module_names_only_those_above_it() {
    let floors = floors();
    assert!(floors.len() > 10, "{floors:?}");
    for (floor, module) in floors.iter().enumerate() {
        let files = files(module);
        assert!(!files.is_empty(), "module {module} has no file");
        for file in files {
            for name in names(&file) {
                let Some(named) = floors.iter().position(|other| *other == name) else { continue };
                assert!(named <= floor, "{} names `{name}`, a higher floor", file.display());
            }
        }
    }
}
