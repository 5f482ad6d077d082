//! Lists in header fields: elements, their parameters, and how much each is wanted.
//!
//! # Source
//!
//! [RFC 9110](https://www.rfc-editor.org/rfc/rfc9110), sections 5.6 (lists, quoted strings, parameters) and 12.4.2
//! (weights).

/// One element: `text/plain; version=0.0.4; q=0.5`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element<'a> {
    /// What stands before the first semicolon.
    pub(super) name: &'a str,
    parameters: &'a str,
}

impl<'a> Element<'a> {
    /// Keys and values, in their order; a value's quotes are taken off. Those without `=` are left out.
    pub(super) fn parameters(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        split(self.parameters, b';').filter_map(|one| {
            let (key, value) = one.split_once('=')?;
            let value = value.trim();
            let bare = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            Some((key.trim(), bare.unwrap_or(value)))
        })
    }

    /// How much it is wanted, in thousandths, `0..=1000`: 1000 where nothing is said, and where that makes no sense.
    pub(super) fn weight(self) -> u16 {
        let said = self.parameters().find(|(key, _)| key.eq_ignore_ascii_case("q"));
        said.and_then(|(_, value)| value.parse::<f64>().ok())
            .filter(|weight| (0.0..=1.0).contains(weight))
            .map_or(1_000, |weight| (weight * 1_000.0).round() as u16)
    }
}

/// The elements of a list that are not empty.
pub(super) fn elements(list: &str) -> impl Iterator<Item = Element<'_>> {
    split(list, b',').map(|one| {
        let mut parts = split(one, b';');
        let name = parts.next().unwrap_or("");
        // What is behind the name, with its first semicolon.
        let parameters = one.get(name.len()..).unwrap_or("");
        Element { name, parameters }
    })
}

/// The parts between separators that stand outside of quotes, without white space around them and without empty ones.
fn split(text: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = end_of_part(text, separator);
        let (part, behind) = match text.split_at_checked(end) {
            Some((part, behind)) => (part, behind.get(1..)),
            None => (text, None),
        };
        rest = behind;
        Some(part.trim())
    })
    .filter(|part| !part.is_empty())
}

/// Where the first part ends.
fn end_of_part(text: &str, separator: u8) -> usize {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let is_end = |byte: &u8| {
        let ends = *byte == separator && !is_quoted;
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_quoted,
            b'"' => is_quoted = !is_quoted,
            _ => {}
        }
        ends
    };
    text.as_bytes().iter().position(is_end).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names, parameters and weights, in one line each.
    fn told(list: &str) -> Vec<String> {
        let told = |element: Element<'_>| {
            let parameters: Vec<String> =
                element.parameters().map(|(key, value)| format!("{key}={value}")).collect();
            format!("{} [{}] {}", element.name, parameters.join(" "), element.weight())
        };
        elements(list).map(told).collect()
    }

    #[test]
    fn elements_parameters_and_weights_are_found() {
        let cases: [(&str, &[&str]); 9] = [
            ("", &[]),
            (" , ,", &[]),
            ("text/plain", &["text/plain [] 1000"]),
            ("a/b;q=0.5 , c/d ; Q=0", &["a/b [q=0.5] 500", "c/d [Q=0] 0"]),
            ("a/b;x=1;q=0.001;y=\"2\"", &["a/b [x=1 q=0.001 y=2] 1"]),
            ("a/b;t=\"x,y;z\\\"\",c", &["a/b [t=x,y;z\\\"] 1000", "c [] 1000"]),
            (
                "a;q=2,b;q=-1,c;q=x,d;q=NaN",
                &["a [q=2] 1000", "b [q=-1] 1000", "c [q=x] 1000", "d [q=NaN] 1000"],
            ),
            ("a;;q", &["a [] 1000"]),
            ("a;t=\"open, b", &["a [t=\"open, b] 1000"]),
        ];
        for (list, expected) in cases {
            assert_eq!(told(list), expected, "{list}");
        }
    }
}
