//! What the command line asks for.

use std::ffi::OsString;
use std::path::PathBuf;

pub(crate) const USAGE: &str = "\
usage: index [PATH] [--serve[=ADDRESS]] [--query WORDS...]

  PATH             the directory (or one file) to index; default: the current directory
  --serve[=ADDRESS] does it again and again, and shows how it goes at http://ADDRESS/;
                   default: 127.0.0.1:9464
  --query WORDS... each further argument is a query: the files that hold all of its words";

/// A parsed command line.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) root: PathBuf,
    pub(crate) queries: Vec<String>,
    /// Where to show how it goes.
    pub(crate) serve: Option<String>,
    pub(crate) help: bool,
}

impl Request {
    pub(crate) fn from_arguments(
        mut arguments: impl Iterator<Item = OsString>,
    ) -> Result<Request, String> {
        let mut root = None;
        let mut queries = Vec::new();
        let (mut serve, mut help) = (None, false);
        while let Some(argument) = arguments.next() {
            match argument.to_str() {
                Some("-h" | "--help") => help = true,
                Some("--serve") => serve = Some("127.0.0.1:9464".to_owned()),
                Some(option) if option.starts_with("--serve=") => {
                    serve = option.strip_prefix("--serve=").map(str::to_owned);
                }
                Some("--query") => {
                    queries = (&mut arguments).map(|q| q.to_string_lossy().into_owned()).collect();
                    if queries.is_empty() {
                        return Err("`--query` is followed by no query: add some words".into());
                    }
                }
                Some(option) if option.starts_with('-') => {
                    return Err(format!("unknown option `{option}`: see `--help`"));
                }
                _ if root.is_some() => {
                    let extra = argument.to_string_lossy();
                    return Err(format!("a second path `{extra}`: queries follow `--query`"));
                }
                _ => root = Some(PathBuf::from(argument)),
            }
        }
        Ok(Request { root: root.unwrap_or_else(|| ".".into()), queries, serve, help })
    }
}
