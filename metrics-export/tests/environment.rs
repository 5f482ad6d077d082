//! What the environment may change of where a program serves, and what is said of it.
//!
//! Each scenario runs in a process of its own: this executable again, told by a variable what to do.

#![cfg(feature = "serve")]

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Output, Stdio};

use tachograph_export::{Endpoint, Serve};

const SCENARIO: &str = "TACHOGRAPH_TEST_SCENARIO";

/// What a process says that serves with these variables: on standard output the address, and on standard error the rest.
fn run(scenario: &str, variables: &[(&str, &str)]) -> (String, String) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["scenario", "--exact", "--nocapture", "--test-threads=1"]);
    command.env(SCENARIO, scenario).env_remove("TACHOGRAPH_LISTEN").envs(variables.iter().copied());
    let Output { status, stdout, stderr } = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(stdout), text(stderr));
    assert!(status.success(), "{stdout}{stderr}");
    let served = stdout.lines().find_map(|line| line.strip_prefix("served: ")).unwrap().to_owned();
    (served, stderr)
}

/// Not a test: what the child does.
#[test]
fn scenario() {
    let Ok(scenario) = std::env::var(SCENARIO) else { return };
    let init = tachograph::init();
    let recording = match scenario.as_str() {
        "renamed" => init.env_prefix("MYTOOL").start(),
        "refused" => init.env(false).start(),
        _ => init.start(),
    };
    let server = match scenario.as_str() {
        "registry" => tachograph::registry().serve("127.0.0.1:0"),
        "quiet" => Endpoint::new().quiet(true).serve(&recording, "127.0.0.1:0"),
        "everywhere" => recording.serve("0.0.0.0:0"),
        _ => recording.serve("127.0.0.1:0"),
    };
    let server = server.unwrap();
    if let Some(mut address) = server.address() {
        if address.ip().is_unspecified() {
            address.set_ip([127, 0, 0, 1].into());
        }
        TcpStream::connect(address).unwrap();
    }
    println!("\nserved: {:?}", server.address());
}

/// The port of `Some(127.0.0.1:4711)`.
fn port(served: &str) -> u16 {
    let address = served.trim_start_matches("Some(").trim_end_matches(')');
    address.parse::<SocketAddr>().unwrap().port()
}

#[test]
fn who_serves_this_machine_alone_says_so_and_how_to_expose_it() {
    let (served, said) = run("plain", &[]);
    let port = port(&served);
    let line = format!(
        "tachograph: serving 127.0.0.1:{port} only; TACHOGRAPH_LISTEN=0.0.0.0:{port} exposes it\n"
    );
    assert_eq!(said, line);
    assert!(run("renamed", &[]).1.contains("; MYTOOL_LISTEN=0.0.0.0:"));
    // Nothing is promised that would not be kept.
    let (served, said) = run("refused", &[("TACHOGRAPH_LISTEN", "off")]);
    assert_eq!(said, format!("tachograph: serving 127.0.0.1:{} only\n", self::port(&served)));
    assert!(!run("registry", &[("TACHOGRAPH_LISTEN", "off")]).1.contains("exposes"));
    assert_eq!(run("quiet", &[]).1, "");
    assert_eq!(run("everywhere", &[]).1, "");
}

#[test]
fn the_environment_goes_before_the_program() {
    let (served, said) = run("plain", &[("TACHOGRAPH_LISTEN", "0.0.0.0:0")]);
    assert!(served.starts_with("Some(0.0.0.0:"), "{served}");
    assert_eq!(said, "");
    for off in ["off", "OFF", " off "] {
        let (served, said) = run("plain", &[("TACHOGRAPH_LISTEN", off)]);
        assert_eq!((served.as_str(), said.as_str()), ("None", ""), "{off:?}");
    }
    // As templates write what is not set.
    let (served, _) = run("plain", &[("TACHOGRAPH_LISTEN", "")]);
    assert!(served.starts_with("Some(127.0.0.1:"), "{served}");
    let (served, _) = run("renamed", &[("TACHOGRAPH_LISTEN", "off"), ("MYTOOL_LISTEN", "[::]:0")]);
    assert!(served.starts_with("Some([::]:"), "{served}");
}

#[test]
fn an_inherited_address_that_cannot_be_had_is_told_and_no_error() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (value, reason) in
        [(address.as_str(), "somebody listens there already"), ("here", "`here`")]
    {
        let (served, said) = run("plain", &[("TACHOGRAPH_LISTEN", value)]);
        assert_eq!(served, "None");
        assert!(said.starts_with("tachograph: TACHOGRAPH_LISTEN: "), "{said}");
        assert!(said.contains(reason) && said.ends_with("; nothing is served\n"), "{said}");
        assert_eq!(said.lines().count(), 1);
    }
}
