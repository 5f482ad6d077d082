//! Clients that ask all the time, some more than others.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

const WORDS: [&str; 8] = ["who", "keeps", "count", "of", "all", "that", "goes", "by"];

/// Asks until the service is gone.
pub(crate) fn run(service: SocketAddr, number: usize) {
    if let Err(error) = ask(service, number) {
        eprintln!("client {number}: {error}");
    }
}

fn ask(service: SocketAddr, number: usize) -> io::Result<()> {
    let mut requests = TcpStream::connect(service)?;
    requests.set_nodelay(true)?;
    let mut answers = BufReader::new(requests.try_clone()?).lines();
    for round in 0_usize.. {
        let key = (round * 31 + number * 7) % 1_000;
        let request = match round % 50 {
            0 => format!("COUNT {}", WORDS[round / 50 % WORDS.len()]),
            1..10 => {
                let words = (0..1 + round % 400).map(|place| WORDS[(place + key) % WORDS.len()]);
                format!("PUT {key} {}", words.collect::<Vec<_>>().join(" "))
            }
            10 => "WHAT".to_owned(),
            _ => format!("GET {key}"),
        };
        writeln!(requests, "{request}")?;
        if answers.next().transpose()?.is_none() {
            break;
        }
        if round % 20 == 0 {
            thread::sleep(Duration::from_millis(1 + number as u64));
        }
    }
    Ok(())
}
