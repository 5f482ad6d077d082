//! The kinds of metric that the call macros make, and the words that each of them puts into an expansion.

/// Which of the call macros was written.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Counter,
    Gauge,
    Histogram,
    Timer,
    Rate,
    Summary,
}

impl Kind {
    /// The macro as its user writes it; messages name it.
    pub(crate) fn macro_name(self) -> &'static str {
        match self {
            Kind::Counter => "counter!",
            Kind::Gauge => "gauge!",
            Kind::Histogram => "histogram!",
            Kind::Timer => "timer!",
            Kind::Rate => "rate!",
            Kind::Summary => "summary!",
        }
    }

    /// The macro that describes metrics of this kind.
    pub(crate) fn describing_macro_name(self) -> &'static str {
        match self {
            Kind::Counter => "describe_counter!",
            Kind::Gauge => "describe_gauge!",
            Kind::Histogram => "describe_histogram!",
            Kind::Timer => "describe_timer!",
            Kind::Rate => "describe_rate!",
            Kind::Summary => "describe_summary!",
        }
    }

    /// True where values are told apart by buckets.
    pub(crate) fn has_buckets(self) -> bool {
        matches!(self, Kind::Histogram | Kind::Timer | Kind::Summary)
    }

    /// True where values are durations.
    pub(crate) fn is_of_time(self) -> bool {
        matches!(self, Kind::Timer)
    }

    /// The function that makes the handle of a site of this kind, and the method that makes that of what
    /// a site found.
    pub(crate) fn function(self) -> &'static str {
        match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
            Kind::Timer => "timer",
            Kind::Rate => "rate",
            Kind::Summary => "summary",
        }
    }

    /// The variant of the core crate's `Kind`.
    pub(crate) fn variant(self) -> &'static str {
        match self {
            Kind::Counter => "Counter",
            Kind::Gauge => "Gauge",
            Kind::Histogram => "Histogram",
            Kind::Timer => "Timer",
            Kind::Rate => "Rate",
            Kind::Summary => "Summary",
        }
    }

    /// The type of the static of a literal call: it keeps one cell, or the cells of a distribution.
    pub(crate) fn slot(self) -> &'static str {
        match self {
            Kind::Counter | Kind::Gauge | Kind::Rate => "CellSlot",
            Kind::Histogram | Kind::Timer | Kind::Summary => "DistributionSlot",
        }
    }
}
