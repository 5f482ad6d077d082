//! Text on a terminal: how wide it is, how it is cut, and what must never reach it.
//!
//! Widths are those of `unicode-width`: wide characters take two columns, combining marks none. What
//! is not printable by Rust's own rule (the one of `escape_debug`: control characters, escape
//! sequences, directional overrides, invisible and unassigned characters) is written as an escape.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::label::Labels;
use crate::snapshot::Series;

/// Stands where text was cut off.
const CUT: char = '…';

/// How many columns `text` takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// Appends `text` with everything unprintable as an escape, and all else as it is.
pub(super) fn push_visible(text: &str, out: &mut String) {
    push_escaped(text, &['\\', '"', '\''], out);
}

/// Appends `text` in quotes, with everything unprintable, quotes and backslashes as escapes.
fn push_quoted(text: &str, out: &mut String) {
    out.push('"');
    push_escaped(text, &['\''], out);
    out.push('"');
}

/// `escape_debug`, but for the characters in `kept`. (Not `{:?}`, which escapes combining marks.)
fn push_escaped(text: &str, kept: &[char], out: &mut String) {
    for piece in text.split_inclusive(kept) {
        let escaped = piece.trim_end_matches(kept);
        out.extend(escaped.escape_debug());
        out.push_str(&piece[escaped.len()..]);
    }
}

/// What a series is called: `name{key="value"}`. A timed function is called by its path alone.
pub(super) fn title(series: &Series, functions: &str) -> String {
    let function = series.labels().get("function").filter(|_| series.name() == functions);
    title_of(series, function, &["function"])
}

/// The series under another name, without the labels that this name makes superfluous; or under its own.
pub(super) fn title_of(series: &Series, name: Option<&str>, without: &[&str]) -> String {
    let mut title = String::new();
    push_visible(name.unwrap_or(series.name()), &mut title);
    let shown = series.labels().iter().filter(|(key, _)| name.is_none() || !without.contains(key));
    let mut before = '{';
    for (key, value) in shown {
        title.push(before);
        before = ',';
        if (key, value) == Labels::OVERFLOW {
            title.push_str("overflow");
            continue;
        }
        push_visible(key, &mut title);
        title.push('=');
        push_quoted(value, &mut title);
    }
    if before == ',' {
        title.push('}');
    }
    title
}

/// Appends `text` and spaces up to `columns`. Text that is wider loses its beginning; where it has labels, those
/// lose theirs first.
pub(super) fn push_left(text: &str, columns: usize, out: &mut String) {
    let text = fitted(text, columns);
    out.push_str(&text);
    push_spaces(columns.saturating_sub(width(&text)), out);
}

/// Appends spaces and `text` up to `columns`.
pub(super) fn push_right(text: &str, columns: usize, out: &mut String) {
    push_spaces(columns.saturating_sub(width(text)), out);
    out.push_str(text);
}

/// Appends `text` in lines of at most `columns`, broken at spaces and, where a word fills more than a
/// line, anywhere. Lines after the first are indented.
pub(super) fn push_wrapped(text: &str, columns: usize, out: &mut String) {
    let mut used = 0;
    for (place, word) in text.split(' ').enumerate() {
        if place > 0 && used + 1 + width(word) <= columns {
            out.push(' ');
            used += 1;
        } else if place > 0 {
            used = new_line(out);
        }
        let mut rest = word;
        while used + width(rest) > columns {
            let (start, end) = rest.split_at(beginning(rest, columns - used));
            out.push_str(start);
            used = new_line(out);
            rest = end;
        }
        out.push_str(rest);
        used += width(rest);
    }
    end_line(out);
}

/// Ends a line and gives how many columns of the next are used.
fn new_line(out: &mut String) -> usize {
    end_line(out);
    push_spaces(2, out);
    2
}

/// Ends a line, without spaces before its end.
pub(super) fn end_line(out: &mut String) {
    out.truncate(out.trim_end_matches(' ').len());
    out.push('\n');
}

/// The fewest columns in which labels that are cut off still say something.
const LABELS_MIN: usize = 6;

/// As much of a title as fits `columns`.
fn fitted(text: &str, columns: usize) -> String {
    let (name, labels) = text.split_at(text.find('{').map_or(text.len(), |start| start + 1));
    let left = columns.saturating_sub(width(name));
    if width(text) > columns && left >= LABELS_MIN {
        return format!("{name}{}", ending(labels, left));
    }
    ending(text, columns)
}

/// The end of `text` in `columns`, after a `…` where something is missing.
fn ending(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return String::from(text);
    }
    let mut best = text.len();
    // A mark that combines with what is cut off would stand on the ellipsis.
    let starts = text.char_indices().rev().filter(|(_, first)| first.width() > Some(0));
    for (start, _) in starts {
        if width(&format!("{CUT}{}", &text[start..])) > columns {
            break;
        }
        best = start;
    }
    let start = best + path_start(&text[..best], &text[best..]);
    format!("{CUT}{}", &text[start..])
}

/// How much more to leave out of `kept`, so that a path begins with a whole segment where that does
/// not cost more than a third, and never with half of a `::`.
fn path_start(cut: &str, kept: &str) -> usize {
    let segment = kept.find("::").unwrap_or(0);
    if segment > 0 && segment * 3 <= kept.len() {
        segment
    } else {
        usize::from(cut.ends_with(':') && kept.starts_with(':'))
    }
}

/// Where the longest beginning of `text` in `columns` ends; at least one character long.
fn beginning(text: &str, columns: usize) -> usize {
    let ends = text.char_indices().map(|(start, c)| start + c.len_utf8());
    let mut best = None;
    for end in ends {
        if best.is_some() && width(&text[..end]) > columns {
            break;
        }
        best = Some(end);
    }
    best.unwrap_or(0)
}

fn push_spaces(count: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', count));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::Name;
    use crate::snapshot::Value;

    fn titled(name: &str, labels: &[(&str, &str)]) -> String {
        let (name, labels) = (Name::new(name).unwrap(), Labels::new(labels).unwrap());
        title(&Series::new(name, labels, None, None, Value::Counter(1)), "functions")
    }

    #[test]
    fn titles_name_the_series_and_functions_by_their_path() {
        for (name, labels, shown) in [
            ("jobs", &[][..], "jobs"),
            ("jobs", &[("queue", "mail"), ("a", "1")], r#"jobs{a="1",queue="mail"}"#),
            ("jobs", &[("function", "f")], r#"jobs{function="f"}"#),
            ("functions", &[("function", "a::b")], "a::b"),
            ("functions", &[("function", "a::b"), ("k", "v")], r#"a::b{k="v"}"#),
            ("functions", &[("k", "v")], r#"functions{k="v"}"#),
        ] {
            assert_eq!(titled(name, labels), shown);
        }
    }

    #[test]
    fn nothing_unprintable_is_shown_as_it_is() {
        for (value, shown) in [
            ("it's 数 é e\u{301} 🦀", "it's 数 é e\u{301} 🦀"),
            ("\u{1b}[31mred", r"\u{1b}[31mred"),
            ("\u{9b}31mred", r"\u{9b}31mred"),
            ("a\nb\r\tc\0", r"a\nb\r\tc\0"),
            ("\u{202e}txt.exe\u{2066}", r"\u{202e}txt.exe\u{2066}"),
            ("a\u{200b}b\u{200d}c\u{feff}", r"a\u{200b}b\u{200d}c\u{feff}"),
            ("\u{2028}\u{e0041}\u{7f}", r"\u{2028}\u{e0041}\u{7f}"),
            ("\u{301}first", r"\u{301}first"),
        ] {
            assert_eq!(titled("n", &[("k", value)]), format!("n{{k=\"{shown}\"}}"));
            assert_eq!(titled("functions", &[("function", value)]), shown);
        }
        assert_eq!(titled("n", &[("k", r#"a"b\"#)]), r#"n{k="a\"b\\"}"#);
        assert_eq!(titled("a\u{202e}b", &[("\u{2067}", "")]), r#"a\u{202e}b{\u{2067}=""}"#);
    }

    #[test]
    fn what_is_too_wide_loses_its_beginning() {
        for (text, columns, shown) in [
            ("walk", 4, "walk"),
            ("walker", 4, "…ker"),
            ("index::walk::Walker::read", 25, "index::walk::Walker::read"),
            ("index::walk::Walker::read", 24, "…::walk::Walker::read"),
            ("index::walk::Walker::read", 16, "…::Walker::read"),
            ("index::walk::Walker::read", 15, "…::Walker::read"),
            ("index::walk::Walker::read", 14, "…Walker::read"),
            ("index::walk::Walker::read", 9, "…::read"),
            ("数数数数", 8, "数数数数"),
            ("数数数数", 7, "…数数数"),
            ("数数数数", 6, "…数数"),
            ("ae\u{301}e\u{301}e\u{301}", 3, "…e\u{301}e\u{301}"),
            ("🦀🦀🦀", 4, "…🦀"),
            ("🦀🦀🦀", 1, "…"),
        ] {
            assert_eq!(ending(text, columns), shown, "{text} in {columns}");
            let mut padded = String::new();
            push_left(text, columns, &mut padded);
            assert_eq!(width(&padded), columns, "{text} in {columns}");
        }
    }

    #[test]
    fn labels_lose_their_beginning_before_names_do() {
        for (text, columns, shown) in [
            (r#"jobs{kind="mail"}"#, 17, r#"jobs{kind="mail"}"#),
            (r#"jobs{kind="mail"}"#, 16, r#"jobs{…nd="mail"}"#),
            (r#"jobs{kind="mail"}"#, 13, r#"jobs{…"mail"}"#),
            (r#"jobs{kind="mail"}"#, 11, r#"jobs{…ail"}"#),
            (r#"jobs{kind="mail"}"#, 10, r#"…d="mail"}"#),
            (r#"a::b::work{k="{"}"#, 17, r#"a::b::work{k="{"}"#),
            ("jobs{overflow}", 14, "jobs{overflow}"),
        ] {
            assert_eq!(fitted(text, columns), shown, "{text} in {columns}");
        }
        assert_eq!(titled("jobs", &[Labels::OVERFLOW]), "jobs{overflow}");
        let of_function = titled("functions", &[("function", "a::b"), Labels::OVERFLOW]);
        assert_eq!(of_function, "a::b{overflow}");
    }

    #[test]
    fn lines_break_at_spaces_and_then_anywhere() {
        for (text, columns, lines) in [
            ("one two three", 13, "one two three\n"),
            ("one two three", 12, "one two\n  three\n"),
            ("one two three", 7, "one two\n  three\n"),
            ("one two three four", 9, "one two\n  three\n  four\n"),
            ("one two three four", 12, "one two\n  three four\n"),
            ("abcdefghij", 4, "abcd\n  ef\n  gh\n  ij\n"),
            ("a bcdefghij", 6, "a\n  bcde\n  fghi\n  j\n"),
            ("数数数 数", 5, "数数\n  数\n  数\n"),
            ("", 5, "\n"),
        ] {
            let mut out = String::new();
            push_wrapped(text, columns, &mut out);
            assert_eq!(out, lines, "{text} in {columns}");
        }
    }
}
