//! A Prometheus server of a test's own: on a free port of this machine, with a folder that goes with it.
//!
//! `TACHOGRAPH_PROMETHEUS` names the program; without it `prometheus` is tried. Where there is none, a test says so and
//! checks nothing, unless `TACHOGRAPH_REQUIRE_ENGINES=1`. `TACHOGRAPH_PROMETHEUS_3` names one of the third version, which is
//! never required. Every wait has a limit, and shows the server's log when it is over.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::engines::engine;

/// More than the server takes for anything here.
const PATIENCE: Duration = Duration::from_secs(60);

/// Between two looks at what is waited for.
const PAUSE: Duration = Duration::from_millis(50);

/// A port that was free may be another's when the server asks for it.
const ATTEMPTS: u32 = 3;

/// A running server, which ends with this value.
pub(crate) struct Prometheus {
    child: Child,
    address: SocketAddr,
    folder: PathBuf,
}

/// A series of an answer.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    /// With `__name__`.
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) value: Value,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value {
    Number(f64),
    /// A native histogram, by what it says of itself.
    Native {
        count: f64,
        sum: f64,
    },
}

/// The configuration of one target: where it is asked, and as which job.
pub(crate) fn job(name: &str, target: SocketAddr, path: &str) -> String {
    format!(
        "- job_name: \"{name}\"\n  metrics_path: \"{path}\"\n  static_configs: [{{targets: [\"{target}\"]}}]\n"
    )
}

impl Prometheus {
    /// Starts the server and waits until it answers; it asks each of the [`job`]s every second. None where there is no
    /// such program.
    pub(crate) fn start(name: &str, jobs: &str) -> Option<Prometheus> {
        Prometheus::start_with(name, jobs, &["--enable-feature=native-histograms,exemplar-storage"])
    }

    /// The same with other arguments of the server's.
    pub(crate) fn start_with(name: &str, jobs: &str, arguments: &[&str]) -> Option<Prometheus> {
        let program = engine("TACHOGRAPH_PROMETHEUS", "prometheus", &["--version"], "Prometheus")?;
        Some(Prometheus::run(&program, name, jobs, arguments))
    }

    /// A server of the third version, by the name of its variable. None where that is not set.
    pub(crate) fn start_third(name: &str, jobs: &str) -> Option<Prometheus> {
        let Ok(program) = std::env::var("TACHOGRAPH_PROMETHEUS_3") else {
            eprintln!("skipped: TACHOGRAPH_PROMETHEUS_3 names no Prometheus of version 3");
            return None;
        };
        let arguments = ["--enable-feature=native-histograms,exemplar-storage"];
        Some(Prometheus::run(&program, name, jobs, &arguments))
    }

    fn run(program: &str, name: &str, jobs: &str, arguments: &[&str]) -> Prometheus {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("prometheus-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let config =
            format!("global: {{scrape_interval: 1s, scrape_timeout: 1s}}\nscrape_configs:\n{jobs}");
        fs::write(folder.join("prometheus.yml"), config).unwrap();
        for _ in 0..ATTEMPTS {
            let mut server = Prometheus::attempt(program, &folder, arguments);
            let deadline = Instant::now() + PATIENCE;
            while server.child.try_wait().unwrap().is_none() {
                if server.get("/-/ready").is_some_and(|(status, _)| status == 200) {
                    return server;
                }
                assert!(Instant::now() < deadline, "it is not ready: {}", server.log());
                thread::sleep(PAUSE);
            }
            assert!(server.log().contains("address already in use"), "{}", server.log());
        }
        panic!("no port was free for long enough");
    }

    fn attempt(program: &str, folder: &Path, arguments: &[&str]) -> Prometheus {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let log = File::create(folder.join("log")).unwrap();
        let child = Command::new(program)
            .arg(format!("--config.file={}", folder.join("prometheus.yml").display()))
            .arg(format!("--storage.tsdb.path={}", folder.join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        Prometheus { child, address, folder: folder.to_owned() }
    }

    /// What an expression is at the moment.
    pub(crate) fn query(&self, expression: &str) -> Vec<Sample> {
        let path = format!("/api/v1/query?query={}", escaped(expression));
        let Some((200, body)) = self.get(&path) else { panic!("{expression}: {}", self.log()) };
        let answer: Json = serde_json::from_str(&body).unwrap();
        let result = answer["data"]["result"].as_array();
        result.unwrap_or_else(|| panic!("{body}")).iter().map(Sample::of).collect()
    }

    /// The only number that an expression is.
    pub(crate) fn number(&self, expression: &str) -> f64 {
        match self.query(expression).as_slice() {
            [Sample { value: Value::Number(value), .. }] => *value,
            other => panic!("{expression}: {other:?}"),
        }
    }

    /// Asks again until the answer is as it should be.
    pub(crate) fn wait_for(
        &self,
        expression: &str,
        is_there: impl Fn(&[Sample]) -> bool,
    ) -> Vec<Sample> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.query(expression);
            if is_there(&answer) {
                return answer;
            }
            let targets = self.get("/api/v1/targets?state=active").unwrap_or_default().1;
            assert!(
                Instant::now() < deadline,
                "{expression}: {answer:?}\n{targets}\n{}",
                self.log()
            );
            thread::sleep(PAUSE);
        }
    }

    /// Waits until as many targets were asked, and all of what each of them said was taken.
    pub(crate) fn wait_until_up(&self, targets: usize) {
        self.wait_for("up == 1", |up| up.len() == targets);
    }

    /// The status and the body of an answer. None where nobody answers.
    fn get(&self, path: &str) -> Option<(u16, String)> {
        let mut stream = TcpStream::connect_timeout(&self.address, PATIENCE).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        // In the older version of HTTP an answer ends with its connection.
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {}\r\n\r\n", self.address).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        // It has nothing to keep.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Sample {
    fn of(json: &Json) -> Sample {
        let labels = json["metric"].as_object().unwrap().iter();
        let labels = labels.map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned()));
        let number = |json: &Json| json.as_str().unwrap().parse::<f64>().unwrap();
        let value = match json["value"].get(1) {
            Some(value) => Value::Number(number(value)),
            None => {
                let native = &json["histogram"][1];
                Value::Native { count: number(&native["count"]), sum: number(&native["sum"]) }
            }
        };
        Sample { labels: labels.collect(), value }
    }
}

/// As an address has it.
fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
