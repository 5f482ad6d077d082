//! One request a line: `GET key`, `PUT key text`, `COUNT word`.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use tachograph::{LabelSet, Trigger, counter, gauge, timed};

use crate::store::Store;

/// What can be asked.
#[derive(Clone, Copy, LabelSet)]
#[label(rename_all = "UPPERCASE")]
enum Method {
    Get,
    Put,
    Count,
    Unknown,
}

/// Accepts clients for as long as the process lives.
pub(crate) fn serve(listener: &TcpListener, store: &Arc<Store>, overload: &Arc<Trigger>) {
    for client in listener.incoming().flatten() {
        let (store, overload) = (Arc::clone(store), Arc::clone(overload));
        thread::spawn(move || {
            gauge!("clients").increment(1);
            if let Err(error) = converse(client, &store, &overload) {
                let kind = error.kind();
                counter!("clients_lost_total", "error" => %kind).increment(1);
            }
            gauge!("clients").decrement(1);
        });
    }
}

fn converse(client: TcpStream, store: &Store, overload: &Trigger) -> io::Result<()> {
    // An answer waits for nothing that could go with it.
    client.set_nodelay(true)?;
    let mut answers = client.try_clone()?;
    for line in BufReader::new(client).lines() {
        let answer = answer(&line?, store, overload.is_firing());
        writeln!(answers, "{}", answer.unwrap_or_else(|error| format!("ERROR {error}")))?;
    }
    Ok(())
}

#[timed(outcome, in_flight)]
fn answer(line: &str, store: &Store, is_overloaded: bool) -> Result<String, &'static str> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let method = match word {
        "GET" => Method::Get,
        "PUT" => Method::Put,
        "COUNT" => Method::Count,
        _ => Method::Unknown,
    };
    counter!("requests_total", "method" => method).increment(1);
    match method {
        Method::Get => store.get(rest).ok_or("there is no such key"),
        Method::Put => {
            let (key, text) = rest.split_once(' ').ok_or("a text follows the key")?;
            store.put(key, text);
            Ok("OK".to_owned())
        }
        Method::Count if is_overloaded => Err("come back later"),
        Method::Count => Ok(store.count(rest).to_string()),
        Method::Unknown => Err("say GET, PUT or COUNT"),
    }
}
