//! The path of a function, from the type name of one nested in it.

use std::any::type_name;

/// The type name of a function item.
pub fn type_path<F>(_: &F) -> &'static str {
    type_name::<F>()
}

/// The path of the function around the nested one that `inner` names: its own segment and closures
/// are taken off, and type arguments become `_`.
pub(super) fn enclosing(inner: &str) -> String {
    let outer = inner.rsplit_once("::").map_or(inner, |(outer, _)| outer);
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
            ("app::parse::here", "app::parse"),
            ("app::Type::name::here", "app::Type::name"),
            ("app::Type<T>::name::here", "app::Type<_>::name"),
            ("app::Type<app::In<A, B>>::name::here", "app::Type<_>::name"),
            ("app::f::{{closure}}::here", "app::f"),
            ("app::f::{{closure}}::{{closure}}::here", "app::f"),
            ("<app::A as app::B>::go::here", "<app::A as app::B>::go"),
            ("<app::A<T> as app::B<U>>::go::here", "<app::A<_> as app::B<_>>::go"),
            ("<app::A<fn(u8) -> u8> as app::B>::go::here", "<app::A<_> as app::B>::go"),
        ] {
            assert_eq!(enclosing(inner), outer);
        }
    }

    #[test]
    fn a_nested_function_names_the_one_around() {
        fn here() {}
        assert_eq!(
            enclosing(type_path(&here)),
            "tachograph::site::function::tests::a_nested_function_names_the_one_around"
        );
    }
}
