//! A test in a process of its own: it begins without a registry, and may limit, kill or hang itself.
//!
//! The test's own executable is run again, told by an environment variable which test it is. The
//! process that was asked for the test waits for the other one, kills it when it hangs, and passes on
//! what it wrote.

use std::env;
use std::process::{self, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Far more than any of these takes, on a busy machine too: whoever is not done by then hangs.
const DEADLINE: Duration = Duration::from_secs(60);
const DEADLINE_OF_SOAK: Duration = Duration::from_secs(600);

/// The exit code of a process that did what it was started for. The test harness has others, so a
/// test that was not found is no success.
pub(crate) const FINISHED: i32 = 42;

const VARIABLE: &str = "TACHOGRAPH_TEST_APART";

/// Runs `body` in a process of its own, which ends by `exit`. `test` is the name of the calling test.
/// Returns what the process wrote to standard error.
pub(crate) fn run(test: &str, body: impl FnOnce()) -> String {
    if is_inside(test) {
        body();
        process::exit(FINISHED);
    }
    start_with(test, &[])
}

/// True when tests shall run at their full length.
pub(crate) fn soak() -> bool {
    env::var_os("TACHOGRAPH_SOAK").is_some_and(|value| value == "1")
}

/// True in the process that was started for `test`.
pub(crate) fn is_inside(test: &str) -> bool {
    env::var(VARIABLE).is_ok_and(|inside| inside == test)
}

/// Runs the calling test, whose name is `test`, in another process, which must end with `FINISHED`.
pub(crate) fn start_with(test: &str, variables: &[(&str, &str)]) -> String {
    let executable = env::current_exe().expect("a test knows its executable");
    let child = Command::new(executable)
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(VARIABLE, test)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a test can be started again");
    let process = libc::pid_t::try_from(child.id()).expect("process numbers are small");
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(child.wait_with_output()));
    let deadline = if soak() { DEADLINE_OF_SOAK } else { DEADLINE };
    let output = receiver.recv_timeout(deadline).or_else(|_| {
        // SAFETY: the process is our child and was not waited for, so the number is still its own.
        unsafe { libc::kill(process, libc::SIGKILL) };
        // What it said so far; a child of its own may keep that from us.
        receiver.recv_timeout(DEADLINE / 10)
    });
    let output = output
        .unwrap_or_else(|_| panic!("{test} hangs, and so do its children"))
        .expect("the process was waited for");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let result = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(FINISHED), "{}\n{result}\n{said}", output.status);
    // For `--show-output`.
    eprint!("{said}");
    said
}
