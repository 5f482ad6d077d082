//! The one reader of options, for all macros.
//!
//! An option is a [`Word`]: alone where it only says yes, with `word = value` or `word: value` where it has
//! a value, and `word(…)` where that is a list. What shape a value has is decided here, once for every
//! macro that takes the option; a macro only lists the words it knows. A further option is a word, a
//! field and an arm.

use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Error, Expr, Ident, LitStr, Path, Result};

use crate::parse::argument::Grammar;
use crate::parse::label::Label;
use crate::parse::value;
use crate::refusals::Refusals;

/// The options there are, over all macros.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    Buckets,
    Busy,
    Crate,
    Description,
    Function,
    InFlight,
    Labels,
    Level,
    Name,
    Outcome,
    Sample,
    Schema,
    Skip,
    Target,
    Unit,
}

impl Word {
    fn as_str(self) -> &'static str {
        match self {
            Word::Buckets => "buckets",
            Word::Busy => "busy",
            Word::Crate => "crate",
            Word::Description => "description",
            Word::Function => "function",
            Word::InFlight => "in_flight",
            Word::Labels => "labels",
            Word::Level => "level",
            Word::Name => "name",
            Word::Outcome => "outcome",
            Word::Sample => "sample",
            Word::Schema => "schema",
            Word::Skip => "skip",
            Word::Target => "target",
            Word::Unit => "unit",
        }
    }
}

/// A value, and the word before it, for refusals that mean the whole option.
#[derive(Clone)]
pub(crate) struct Given<T> {
    pub(crate) word: Ident,
    pub(crate) value: T,
}

/// The options that were written. One whose value was refused is absent, as its refusal is enough.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) root: Option<Path>,
    pub(crate) function: Option<Given<LitStr>>,
    pub(crate) labels: Vec<Label>,
    pub(crate) name: Option<Given<LitStr>>,
    pub(crate) description: Option<Given<Expr>>,
    pub(crate) level: Option<Expr>,
    pub(crate) target: Option<Expr>,
    pub(crate) unit: Option<Given<Expr>>,
    pub(crate) schema: Option<i8>,
    pub(crate) buckets: Option<Vec<Expr>>,
    pub(crate) sample: Option<u32>,
    pub(crate) in_flight: Option<Ident>,
    pub(crate) busy: Option<Ident>,
    /// True where it is for all calls: `outcome(all)`.
    pub(crate) outcome: Option<Given<bool>>,
    pub(crate) skip: Option<Ident>,
    seen: Vec<Word>,
}

impl Options {
    /// Reads one option, of those that `grammar` knows.
    pub(crate) fn read(
        &mut self,
        input: ParseStream,
        grammar: &Grammar,
        refusals: &mut Refusals,
    ) -> Result<()> {
        let ident = input.call(Ident::parse_any)?;
        let Some(&word) = grammar.words.iter().find(|word| ident == word.as_str()) else {
            return Err(unknown(&ident, grammar));
        };
        if self.seen.contains(&word) {
            refusals.at(
                &ident,
                format!(
                    "expected the option `{ident}` once, found it again: remove one of the two"
                ),
            );
        }
        self.seen.push(word);
        let given = |value| Given { word: ident.clone(), value };
        match word {
            Word::Buckets => self.buckets = Some(value::bounds(&ident, input, refusals)?),
            Word::Busy => self.busy = Some(value::none(&ident, input)?),
            Word::Crate => self.root = Some(value::path(&ident, input)?),
            Word::Description => {
                let value = value::description(&ident, grammar.place, input)?;
                self.description = Some(Given { word: ident, value });
            }
            Word::Function => self.function = Some(given(value::text(&ident, input)?)),
            Word::InFlight => self.in_flight = Some(value::none(&ident, input)?),
            Word::Labels => self.labels = value::labels(&ident, input, refusals)?,
            Word::Level => self.level = Some(value::any(&ident, "Level::INFO", input)?),
            Word::Name => self.name = Some(given(value::text(&ident, input)?)),
            Word::Outcome => {
                let all = value::flag(&ident, "all", input)?;
                self.outcome = Some(Given { word: ident, value: all });
            }
            Word::Sample => self.sample = Some(value::number(&ident, 1..=u32::MAX, 64, input)?),
            Word::Schema => self.schema = Some(value::number(&ident, -4..=8, 5, input)?),
            Word::Skip => self.skip = Some(value::none(&ident, input)?),
            Word::Target => self.target = Some(value::any(&ident, "\"part\"", input)?),
            Word::Unit => {
                let value = value::unit(&ident, grammar.place, input)?;
                self.unit = Some(Given { word: ident, value });
            }
        }
        Ok(())
    }

    /// True when `word` was written, whether or not its value was taken.
    pub(crate) fn has(&self, word: Word) -> bool {
        self.seen.contains(&word)
    }

    /// How many options were written.
    pub(crate) fn count(&self) -> usize {
        self.seen.len()
    }
}

fn unknown(ident: &Ident, grammar: &Grammar) -> Error {
    let written = ident.to_string();
    let alike = grammar.words.iter().find(|word| differ_little(word.as_str(), &written));
    let remedy = match alike {
        Some(word) => format!("write `{}`", word.as_str()),
        None => {
            let known: Vec<_> =
                grammar.words.iter().map(|word| format!("`{}`", word.as_str())).collect();
            let known = match known.split_last() {
                Some((last, [])) => last.clone(),
                Some((last, others)) => format!("{} or {last}", others.join(", ")),
                None => String::new(),
            };
            format!("use {known}, or {}", grammar.label)
        }
    };
    let message = format!("expected an option of {}, found `{ident}`: {remedy}", grammar.owner);
    Error::new_spanned(ident, message)
}

/// True where at most two letters have to be changed, added or taken away (Levenshtein's distance), and
/// fewer than half of them.
fn differ_little(one: &str, other: &str) -> bool {
    let mut distances: Vec<usize> = (0..=other.len()).collect();
    for (row, a) in one.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut distances[0], row + 1);
        for (column, b) in other.bytes().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = distances[column + 1];
            distances[column + 1] = changed.min(diagonal + 1).min(distances[column] + 1);
        }
    }
    distances[other.len()] <= 2.min((one.len() - 1) / 2)
}
