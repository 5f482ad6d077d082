//! The live page in Chromium, driven by playwright-core: `tests/page/drive.mjs` says what it must do there.
//!
//! `TACHOGRAPH_NODE` and `TACHOGRAPH_CHROMIUM` name the programs (`node` and `chromium` without them), and
//! `TACHOGRAPH_PLAYWRIGHT` the folder of the package playwright-core. Where one is missing the test says so and
//! checks nothing, unless `TACHOGRAPH_REQUIRE_ENGINES=1`.

#[path = "support/engines.rs"]
#[allow(dead_code, reason = "other tests ask other engines")]
mod engines;
#[path = "page/service.rs"]
mod service;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{env, thread};

use tachograph::History;
use tachograph_export::Serve;

/// Where the program is to serve that the browser looks at.
const PORT: &str = "TACHOGRAPH_TEST_PAGE_PORT";

const ARTICLES: u64 = 2_000;
const WORKERS: u64 = 2;

/// A program that serves its page, at one port whenever it is started.
struct Program {
    port: u16,
    child: Option<Child>,
}

impl Program {
    fn start(&mut self) {
        let test = env::current_exe().unwrap();
        let child = Command::new(test)
            .args(["--exact", "a_program_that_serves_its_page", "--ignored", "--nocapture"])
            .env(PORT, self.port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn();
        self.child = Some(child.unwrap());
        // It is there when it can be reached; a test that never gets there is ended by whoever runs it.
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A port that is free at the moment.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

#[test]
fn the_page_holds_in_a_browser_what_it_promises() {
    let node = engines::engine("TACHOGRAPH_NODE", "node", &["--version"], "node");
    let chromium = engines::engine("TACHOGRAPH_CHROMIUM", "chromium", &["--version"], "Chromium");
    let (Some(node), Some(chromium)) = (node, chromium) else { return };
    let playwright = env::var("TACHOGRAPH_PLAYWRIGHT").unwrap_or_else(|_| "playwright-core".into());
    let arguments = ["-e", "require(process.argv[1])", &playwright];
    let has_playwright =
        Command::new(&node).args(arguments).output().is_ok_and(|it| it.status.success());
    if !has_playwright {
        let required = env::var("TACHOGRAPH_REQUIRE_ENGINES").is_ok_and(|value| value == "1");
        assert!(!required, "there is no package at {playwright}: TACHOGRAPH_PLAYWRIGHT names it");
        eprintln!(
            "skipped: there is no package at {playwright}; TACHOGRAPH_PLAYWRIGHT may name it"
        );
        return;
    }
    let mut program = Program { port: free_port(), child: None };
    program.start();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/page/drive.mjs");
    let mut driver = Command::new(node)
        .arg(script)
        .args([playwright, chromium, format!("http://127.0.0.1:{}/", program.port)])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut done = driver.stdin.take().unwrap();
    for line in BufReader::new(driver.stdout.take().unwrap()).lines() {
        match line.unwrap().as_str() {
            "stop" => program.stop(),
            "start" => program.start(),
            other => panic!("the driver asks for {other:?}"),
        }
        writeln!(done, "done").unwrap();
    }
    assert!(driver.wait().unwrap().success(), "what does not hold stands above");
}

/// Not a test: what the browser looks at. It ends when its standard input does.
#[test]
#[ignore = "it is started by the test above"]
fn a_program_that_serves_its_page() {
    let Ok(port) = env::var(PORT) else { return };
    let recording = tachograph::init().history(History::builder()).env(false).start();
    service::begin(tachograph::registry(), WORKERS, ARTICLES);
    let _server = recording.serve(&format!("127.0.0.1:{port}")).unwrap();
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}
