//! The path of a function, from the type name of a closure in one of its statics.

/// The name of the static.
const STATIC: &str = "__SITE";

/// The path of the function around the closure that `inner` names, as the compiler writes it: the segments
/// of the closure, and of closures around it, are taken off.
pub(super) fn segments_of_function(inner: &str) -> &str {
    let is_inside = |segment: &str| segment == STATIC || segment == "{{closure}}";
    let mut outer = inner;
    while let Some((before, _)) = outer.rsplit_once("::").filter(|(_, last)| is_inside(last)) {
        outer = before;
    }
    outer
}

/// The same path as a label: type arguments are `_`, and no closure is in it.
pub(super) fn of_function(inner: &str) -> String {
    let outer = segments_of_function(inner);
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
            ("app::parse::__SITE::{{closure}}", "app::parse"),
            ("app::parse::__SITE::{{closure}}::{{closure}}", "app::parse"),
            ("app::Type::name::__SITE::{{closure}}", "app::Type::name"),
            ("app::Type<T>::name::__SITE::{{closure}}", "app::Type<_>::name"),
            ("app::Type<app::In<A, B>>::name::__SITE::{{closure}}", "app::Type<_>::name"),
            ("app::f::{{closure}}::__SITE::{{closure}}", "app::f"),
            ("app::f::{{closure}}::{{closure}}::__SITE::{{closure}}", "app::f"),
            ("<app::A as app::B>::go::__SITE::{{closure}}", "<app::A as app::B>::go"),
            ("<app::A<T> as app::B<U>>::go::__SITE::{{closure}}", "<app::A<_> as app::B<_>>::go"),
            (
                "<app::A<fn(u8) -> u8> as app::B>::go::__SITE::{{closure}}",
                "<app::A<_> as app::B>::go",
            ),
        ] {
            assert_eq!(of_function(inner), outer);
        }
    }
}
