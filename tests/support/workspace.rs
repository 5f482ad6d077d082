//! Cargo workspaces of their own, for what depends on how a crate is built: its features, its edition.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A workspace of its own.
pub(crate) struct Workspace {
    folder: PathBuf,
}

impl Workspace {
    pub(crate) fn new(name: &str, members: &[&str]) -> Workspace {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        // Optimised, so that what is left of an instrumented function is what a release would have.
        let manifest = format!(
            "[workspace]\nresolver = \"3\"\nmembers = {members:?}\n\n\
             [profile.dev]\nopt-level = 3\ndebug = false\noverflow-checks = false\ncodegen-units = 1\n"
        );
        write(&folder.join("Cargo.toml"), &manifest);
        let lock = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock"));
        write(&folder.join("Cargo.lock"), &lock.expect("the workspace has a lock file"));
        Workspace { folder }
    }

    /// Adds a package; `files` are those below its folder.
    pub(crate) fn package(
        &self,
        name: &str,
        edition: &str,
        dependencies: &str,
        files: &[(&str, &str)],
    ) {
        let core = Path::new(env!("CARGO_MANIFEST_DIR")).join("metrics-core");
        let manifest = format!(
            "[package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = {edition:?}\n\n[dependencies]\n{}",
            dependencies.replace("CORE", &format!("{core:?}"))
        );
        write(&self.folder.join(name).join("Cargo.toml"), &manifest);
        for (path, text) in files {
            write(&self.folder.join(name).join(path), text);
        }
    }

    /// Runs cargo, which must succeed.
    pub(crate) fn cargo(&self, arguments: &[&str]) {
        self.cargo_says(arguments);
    }

    /// Runs cargo, which must succeed. Returns standard output and standard error.
    pub(crate) fn cargo_says(&self, arguments: &[&str]) -> (String, String) {
        let told = Command::new(env!("CARGO"))
            .args(arguments)
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", self.folder.join("target"))
            .env_remove("RUSTFLAGS")
            .output()
            .expect("cargo can be run");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (found, said) = (text(&told.stdout), text(&told.stderr));
        assert!(told.status.success(), "cargo {arguments:?}\n{found}\n{said}");
        (found, said)
    }

    /// Where it is.
    #[allow(dead_code, reason = "not every test looks into it")]
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes cargo take a file for changed.
    #[allow(dead_code, reason = "not every test builds twice")]
    pub(crate) fn touch(&self, path: &str) {
        let path = self.folder.join(path);
        let text = fs::read(&path).expect("the file is there");
        fs::write(&path, text).expect("a file can be written");
    }
}

fn write(path: &Path, text: &str) {
    // What is as it was is not built again.
    if fs::read_to_string(path).is_ok_and(|before| before == text) {
        return;
    }
    fs::create_dir_all(path.parent().expect("a file is in a folder"))
        .expect("a folder can be made");
    fs::write(path, text).expect("a file can be written");
}
