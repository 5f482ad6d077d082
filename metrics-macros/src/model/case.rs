//! How names become texts: the words of `rename_all`, which are those of serde.
//!
//! Variants are taken to be written in `PascalCase`, and fields in `snake_case`. Each capital letter of a variant
//! begins a word, also after another one: `HTTPError` is `h_t_t_p_error`.

/// A way to write a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Case {
    Lower,
    Upper,
    Pascal,
    Camel,
    Snake,
    ScreamingSnake,
    Kebab,
    ScreamingKebab,
}

impl Case {
    /// The words that stand for them, in the order in which messages list them.
    pub(crate) const WORDS: [(&'static str, Case); 8] = [
        ("lowercase", Case::Lower),
        ("UPPERCASE", Case::Upper),
        ("PascalCase", Case::Pascal),
        ("camelCase", Case::Camel),
        ("snake_case", Case::Snake),
        ("SCREAMING_SNAKE_CASE", Case::ScreamingSnake),
        ("kebab-case", Case::Kebab),
        ("SCREAMING-KEBAB-CASE", Case::ScreamingKebab),
    ];

    /// The way that `word` stands for.
    pub(crate) fn of(word: &str) -> Option<Case> {
        Case::WORDS.iter().find(|(known, _)| *known == word).map(|(_, case)| *case)
    }

    /// A variant's name, or a type's, written so.
    pub(crate) fn of_variant(self, name: &str) -> String {
        match self {
            Case::Pascal => name.to_owned(),
            Case::Lower => name.to_lowercase(),
            Case::Upper => name.to_uppercase(),
            Case::Camel => with_first(name, char::to_lowercase),
            Case::Snake | Case::ScreamingSnake | Case::Kebab | Case::ScreamingKebab => {
                self.of_field(&snake(name))
            }
        }
    }

    /// A field's name, written so.
    pub(crate) fn of_field(self, name: &str) -> String {
        match self {
            Case::Lower | Case::Snake => name.to_owned(),
            Case::Upper | Case::ScreamingSnake => name.to_uppercase(),
            Case::Pascal => pascal(name),
            Case::Camel => with_first(&pascal(name), char::to_lowercase),
            Case::Kebab => name.replace('_', "-"),
            Case::ScreamingKebab => name.to_uppercase().replace('_', "-"),
        }
    }
}

/// `name` with its first letter changed.
fn with_first<L: Iterator<Item = char>>(name: &str, change: impl Fn(char) -> L) -> String {
    let mut letters = name.chars();
    let first = letters.next().into_iter().flat_map(change);
    first.chain(letters).collect()
}

fn snake(name: &str) -> String {
    let mut written = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !written.is_empty() {
            written.push('_');
        }
        written.extend(letter.to_lowercase());
    }
    written
}

fn pascal(name: &str) -> String {
    name.split('_').map(|word| with_first(word, char::to_uppercase)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_serde_writes_them() {
        for (word, variants, fields) in [
            ("lowercase", ["outcome", "verytasty", "a", "z42"], ["outcome", "very_tasty", "a"]),
            ("UPPERCASE", ["OUTCOME", "VERYTASTY", "A", "Z42"], ["OUTCOME", "VERY_TASTY", "A"]),
            ("PascalCase", ["Outcome", "VeryTasty", "A", "Z42"], ["Outcome", "VeryTasty", "A"]),
            ("camelCase", ["outcome", "veryTasty", "a", "z42"], ["outcome", "veryTasty", "a"]),
            ("snake_case", ["outcome", "very_tasty", "a", "z42"], ["outcome", "very_tasty", "a"]),
            (
                "SCREAMING_SNAKE_CASE",
                ["OUTCOME", "VERY_TASTY", "A", "Z42"],
                ["OUTCOME", "VERY_TASTY", "A"],
            ),
            ("kebab-case", ["outcome", "very-tasty", "a", "z42"], ["outcome", "very-tasty", "a"]),
            (
                "SCREAMING-KEBAB-CASE",
                ["OUTCOME", "VERY-TASTY", "A", "Z42"],
                ["OUTCOME", "VERY-TASTY", "A"],
            ),
        ] {
            let case = Case::of(word).unwrap();
            assert_eq!(["Outcome", "VeryTasty", "A", "Z42"].map(|n| case.of_variant(n)), variants);
            assert_eq!(["outcome", "very_tasty", "a"].map(|name| case.of_field(name)), fields);
        }
        assert_eq!(Case::of("Snake_Case"), None);
        assert_eq!(Case::Snake.of_variant("HTTPError"), "h_t_t_p_error");
        assert_eq!(Case::Camel.of_field("_hidden__deep"), "hiddenDeep");
    }
}
