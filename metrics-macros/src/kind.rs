//! The kinds of metric that the call macros make, and the words that each of them puts into an expansion.

/// Which of the call macros was written.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Counter,
    Gauge,
    Histogram,
    Timer,
}

impl Kind {
    /// The macro as its user writes it; messages name it.
    pub(crate) fn macro_name(self) -> &'static str {
        match self {
            Kind::Counter => "counter!",
            Kind::Gauge => "gauge!",
            Kind::Histogram => "histogram!",
            Kind::Timer => "timer!",
        }
    }

    /// The function that resolves a site of this kind; `_of` and `_named` are its siblings for families
    /// and for names known at run time.
    pub(crate) fn function(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
            Kind::Timer => "timer",
        }
    }

    /// The variant of the core crate's `Kind`.
    pub(crate) fn variant(self) -> &'static str {
        match self {
            Kind::Counter => "Counter",
            Kind::Gauge => "Gauge",
            Kind::Histogram => "Histogram",
            Kind::Timer => "Timer",
        }
    }

    /// The type of the static of a literal call: it keeps one cell, or the cells of a distribution.
    pub(crate) fn slot(self) -> &'static str {
        match self {
            Kind::Counter | Kind::Gauge => "CellSlot",
            Kind::Histogram | Kind::Timer => "DistributionSlot",
        }
    }
}
