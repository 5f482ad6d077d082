//! The JSON behind the live page, which is an interface of its own: `docs/api.md` tells every field.
//!
//! `query` checks what a question says, `borrowed` has a history where the program keeps none, and each kind of answer is
//! written in a file of its own. Nothing here knows a socket, and nothing that is asked changes what is recorded.

mod borrowed;
mod course;
mod heat;
mod json;
mod overview;
mod query;
mod series;
#[cfg(test)]
mod tests;
mod window;

use std::collections::hash_map::RandomState;
use std::env;
use std::hash::{BuildHasher, Hasher};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use tachograph::{Format, History, Metric, Registry};

use borrowed::Borrowed;
use json::Json;
use query::{Query, shown};

/// Raised when a field goes or changes its meaning; new fields do not raise it.
const VERSION: &str = "v1";

/// The window of an answer that nobody gave one for.
const WINDOW: Duration = Duration::from_secs(300);

/// What answers: a registry, and its past.
#[derive(Debug)]
pub(crate) struct Source {
    registry: Registry,
    history: Option<History>,
    borrowed: Borrowed,
    /// Tells this process from the one that had the address before.
    instance: String,
    /// When the registry began, as the first answer found it.
    started: OnceLock<SystemTime>,
}

/// An answer, whatever carries it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// As HTTP counts: 200, 400 or 404.
    pub(crate) status: u16,
    /// JSON, in UTF-8; with a text `error` in it where the status is not 200.
    pub(crate) body: String,
}

impl Answer {
    fn of(fields: impl FnOnce(&mut Json)) -> Answer {
        let mut json = Json::default();
        json.object(fields);
        Answer { status: 200, body: json.into_text() + "\n" }
    }

    fn refusal(status: u16, error: &str) -> Answer {
        let answer = Answer::of(|json| json.key("error").text(error));
        Answer { status, ..answer }
    }
}

impl Source {
    /// Answers for a registry. `history` is that of the recording, if it keeps one; otherwise one is begun at the first
    /// question and ended when nobody asked for ten minutes, so that it costs the program nothing while nobody looks.
    pub(crate) fn new(registry: Registry, history: Option<History>) -> Source {
        let instance = format!("{:016x}", RandomState::new().build_hasher().finish());
        let borrowed = Borrowed::new(registry.clone());
        Source { registry, history, borrowed, instance, started: OnceLock::new() }
    }

    /// Answers a question: `path` is what stands behind `/api/`, `query` what stands behind `?`, or nothing. It may take some
    /// milliseconds, and runs the registry's collectors where it takes a snapshot.
    pub(crate) fn answer(&self, path: &str, query: &str) -> Answer {
        let answer = match path.strip_prefix(VERSION).unwrap_or("") {
            "/snapshot" => self.snapshot(query),
            "/overview" => overview::answer(self, query),
            "/window" => window::answer(self, query),
            "/series" => series::answer(self, query),
            "/promql" => series::promql(self, query),
            _ => Err(unknown(path)),
        };
        answer.unwrap_or_else(|refusal| refusal)
    }

    fn snapshot(&self, query: &str) -> Result<Answer, Answer> {
        Query::read(query, &[])?;
        Ok(Answer { status: 200, body: self.registry.render(Format::Json) })
    }

    /// The past of the registry: the program's own if it has one.
    fn history(&self) -> Result<History, Answer> {
        if let Some(history) = self.history.clone().or_else(|| self.registry.history()) {
            return Ok(history);
        }
        self.borrowed.history().map_err(|error| {
            let error = format!("no history can be kept at the moment: {error}");
            Answer::refusal(503, &error)
        })
    }

    /// The series that a question names, and the past that knows it, which is begun for no question that makes no sense.
    fn metric(&self, query: &Query) -> Result<(History, Metric), Answer> {
        let (name, labels) = (query.name()?, query.labels()?);
        let history = self.history()?;
        let metric = history.metric(name, &labels).ok_or_else(|| {
            let labels = if labels.is_empty() { "" } else { " with these labels" };
            let error = format!(
                "there is no series `{}`{labels}: the overview lists those that there are",
                shown(name)
            );
            Answer::refusal(404, &error)
        })?;
        Ok((history, metric))
    }

    /// Which process this is, and how far its past reaches back.
    fn write_process(&self, history: &History, json: &mut Json) {
        let started = self.started.get_or_init(|| {
            let snapshot = self.registry.snapshot();
            snapshot.taken_at().checked_sub(snapshot.elapsed()).unwrap_or(snapshot.taken_at())
        });
        json.key("instance").text(&self.instance);
        json.key("program").option_text(program().as_deref());
        json.key("process_id").whole(std::process::id().into());
        json.key("started_at").time(*started);
        json.key("history").object(|json| {
            let is_own = self.history.is_some() || self.registry.history().is_some();
            json.key("oldest").time(history.usage().oldest());
            json.key("interval_seconds").number(history.interval().as_secs_f64());
            json.key("retention_seconds").number(history.retention().as_secs_f64());
            json.key("is_of_the_program").truth(is_own);
        });
    }
}

/// The file name that the process was started with, as the snapshot's JSON has it.
fn program() -> Option<String> {
    let path = env::args_os().next().map(PathBuf::from)?;
    let name = path.file_name()?.to_string_lossy().into_owned();
    Some(name.strip_suffix(env::consts::EXE_SUFFIX).unwrap_or(&name).to_owned())
}

fn unknown(path: &str) -> Answer {
    let error = format!(
        "there is nothing at `/api/{}`: ask for /api/v1/snapshot, overview, window, series or promql",
        shown(path)
    );
    Answer::refusal(404, &error)
}
