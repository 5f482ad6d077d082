//! The path of a function, from the type name of a closure in one of its statics.

/// What the type name of such a closure ends with: the closure, and the name of the static.
const INNER: [&str; 2] = ["{{closure}}", "SITE"];

/// The path of the function around the closure that `inner` names: its segments and those of closures
/// around it are taken off, and type arguments become `_`.
pub(super) fn of_function(inner: &str) -> String {
    let outer = INNER.iter().fold(inner, |path, segment| {
        path.strip_suffix(segment).and_then(|path| path.strip_suffix("::")).unwrap_or(path)
    });
    let mut path = String::with_capacity(outer.len());
    // How deep in type arguments; the brackets of a `<Type as Trait>` do not count.
    let mut arguments = 0_u32;
    let mut previous = ' ';
    for letter in outer.chars() {
        match letter {
            '<' if arguments > 0 => arguments += 1,
            '<' if previous.is_alphanumeric() || previous == '_' => {
                arguments = 1;
                path.push_str("<_>");
            }
            '>' if previous == '-' => {
                if arguments == 0 {
                    path.push('>');
                }
            }
            '>' if arguments > 0 => arguments -= 1,
            _ if arguments > 0 => {}
            _ => path.push(letter),
        }
        previous = letter;
    }
    path.replace("::{{closure}}", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_function_around() {
        for (inner, outer) in [
            ("app::parse::SITE::{{closure}}", "app::parse"),
            ("app::Type::name::SITE::{{closure}}", "app::Type::name"),
            ("app::Type<T>::name::SITE::{{closure}}", "app::Type<_>::name"),
            ("app::Type<app::In<A, B>>::name::SITE::{{closure}}", "app::Type<_>::name"),
            ("app::f::{{closure}}::SITE::{{closure}}", "app::f"),
            ("app::f::{{closure}}::{{closure}}::SITE::{{closure}}", "app::f"),
            ("<app::A as app::B>::go::SITE::{{closure}}", "<app::A as app::B>::go"),
            ("<app::A<T> as app::B<U>>::go::SITE::{{closure}}", "<app::A<_> as app::B<_>>::go"),
            (
                "<app::A<fn(u8) -> u8> as app::B>::go::SITE::{{closure}}",
                "<app::A<_> as app::B>::go",
            ),
        ] {
            assert_eq!(of_function(inner), outer);
        }
    }
}
