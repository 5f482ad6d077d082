//! Jobs. All of a job follows from its number, so that every run does the same.

use tachograph::Label;

/// How often a job is tried.
pub(crate) const ATTEMPTS_MAX: u32 = 3;

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Export,
    Mail,
    Resize,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    Done,
    Failed,
    Retried,
}

/// One piece of work.
#[derive(Debug)]
pub(crate) struct Job {
    number: u32,
    pub(crate) kind: Kind,
    pub(crate) payload: Vec<u8>,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Export => "export",
            Kind::Mail => "mail",
            Kind::Resize => "resize",
        }
    }
}

impl Outcome {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Failed => "failed",
            Outcome::Retried => "retried",
        }
    }
}

impl Job {
    pub(crate) fn new(number: u32) -> Job {
        let (kind, bytes) = match number % 10 {
            0 => (Kind::Export, 20_000),
            1..4 => (Kind::Resize, 6_000),
            _ => (Kind::Mail, 800),
        };
        // Spread a little, without leaving anything to chance.
        let bytes = bytes + usize::from(number.to_le_bytes()[0]) * 8;
        Job { number, kind, payload: vec![number.to_le_bytes()[0]; bytes] }
    }

    /// Who asked for it.
    pub(crate) fn customer(&self) -> &'static str {
        ["globex", "initech", "acme"][self.number as usize % 3]
    }

    /// How this attempt ends: one job in 16 needs a second one, and one in 125 fails for good.
    pub(crate) fn outcome(&self, attempt: u32) -> Outcome {
        match (self.number % 125, self.number % 16) {
            (7, _) if attempt == ATTEMPTS_MAX => Outcome::Failed,
            (7, _) => Outcome::Retried,
            (_, 3) if attempt == 1 => Outcome::Retried,
            _ => Outcome::Done,
        }
    }

    /// The labels of an attempt.
    pub(crate) fn labels(&self, attempt: u32) -> Vec<Label> {
        let mut labels = vec![Label::new("kind", self.kind.name())];
        if attempt > 1 {
            labels.push(Label::new("attempt", attempt.to_string()));
        }
        labels
    }
}
