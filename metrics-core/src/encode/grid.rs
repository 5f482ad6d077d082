//! Rows under column titles, made to fit a width.
//!
//! The first column holds names and gives way; the others hold numbers and keep their text whole.
//! When the names would get less than their share of the width, columns are left out, the least
//! important ones first; the most important one always stays.

use crate::encode::look::{Look, Style};
use crate::encode::text::{end_line, push_left, push_right, width};

/// Spaces between two columns.
const GAP: usize = 2;

/// Names keep this many columns, unless the longest of them is shorter.
const NAME_WIDTH_MIN: usize = 16;

/// A column after that of the names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) title: &'static str,
    /// Columns of higher importance stay longer.
    pub(super) importance: u8,
    /// Numbers stand on the right, shapes on the left.
    pub(super) align: Align,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Align {
    Left,
    Right,
}

/// A table: the titles and, row by row, a name and one text for each column.
#[derive(Debug)]
pub(super) struct Grid {
    title: &'static str,
    columns: &'static [Column],
    rows: Vec<(String, Vec<String>)>,
}

/// How a grid fits a width.
#[derive(Debug)]
pub(super) struct Fit {
    /// How wide the names are.
    names: usize,
    /// The columns that are shown, by place, each with its width.
    kept: Vec<(usize, usize)>,
}

impl Fit {
    /// Gives all the same width of names, as far as each has room for it in `total`.
    pub(super) fn align(fits: &mut [Fit], total: usize) {
        let names = fits.iter().map(|fit| fit.names).max().unwrap_or(0);
        for fit in fits {
            fit.names = names.min(total.saturating_sub(fit.numbers()));
        }
    }

    /// How wide the whole grid is.
    pub(super) fn width(&self) -> usize {
        self.names + self.numbers()
    }

    /// How wide all columns but the names are.
    fn numbers(&self) -> usize {
        self.kept.iter().map(|(_, width)| GAP + width).sum()
    }
}

impl Grid {
    pub(super) fn new(title: &'static str, columns: &'static [Column]) -> Grid {
        Grid { title, columns, rows: Vec::new() }
    }

    pub(super) fn push(&mut self, name: String, texts: Vec<String>) {
        self.rows.push((name, texts));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// What of the grid fits `total` columns.
    pub(super) fn fit(&self, total: usize) -> Fit {
        let longest = self.rows.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
        let names = longest.max(width(self.title));
        let least = names.min(NAME_WIDTH_MIN.max(total * 3 / 10));
        let widest = |at: usize| self.rows.iter().map(move |(_, texts)| width(&texts[at])).max();
        let all = self.columns.iter().enumerate();
        let kept = all.filter_map(|(at, column)| {
            // A column in which nothing stands is left out.
            let widest = widest(at).filter(|width| *width > 0)?;
            Some((at, widest.max(width(column.title))))
        });
        let mut fit = Fit { names: least, kept: kept.collect() };
        while fit.kept.len() > 1 && fit.width() > total {
            let least = fit.kept.iter().map(|(at, _)| self.columns[*at].importance).min();
            fit.kept.retain(|(at, _)| Some(self.columns[*at].importance) != least);
        }
        fit.names = names.min(total.saturating_sub(fit.numbers()));
        fit
    }

    /// Appends the titles, a rule of `rule` columns, and the rows.
    pub(super) fn write(&self, fit: &Fit, rule: usize, look: &Look, out: &mut String) {
        look.paint(Style::Strong, out, |out| {
            self.write_line(self.title, |at| self.columns[at].title, fit, out);
        });
        look.paint(Style::Faint, out, |out| {
            out.push_str(&"─".repeat(rule));
            out.push('\n');
        });
        for (name, texts) in &self.rows {
            self.write_line(name, |at| &texts[at], fit, out);
        }
    }

    fn write_line<'a>(
        &self,
        name: &str,
        text: impl Fn(usize) -> &'a str,
        fit: &Fit,
        out: &mut String,
    ) {
        push_left(name, fit.names, out);
        for (at, width) in &fit.kept {
            out.push_str(&" ".repeat(GAP));
            match self.columns[*at].align {
                Align::Left => push_left(text(*at), *width, out),
                Align::Right => push_right(text(*at), *width, out),
            }
        }
        end_line(out);
    }
}
