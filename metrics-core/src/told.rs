//! Whether what a function returned is an error, told without asking anything of its type.

/// A value that was returned.
///
/// A method of the type itself goes before one of a trait: so [`Tell::is_err`] answers for a `Result`,
/// and [`Told::is_err`] for everything else, opaque types and type parameters among them.
#[derive(Debug)]
pub struct Tell<'a, T: ?Sized>(pub &'a T);

impl<T, E> Tell<'_, Result<T, E>> {
    /// True for `Err`.
    #[inline(always)]
    pub fn is_err(&self) -> bool {
        self.0.is_err()
    }
}

/// What is no `Result`.
pub trait Told {
    /// False.
    #[inline(always)]
    fn is_err(&self) -> bool {
        false
    }
}

impl<T: ?Sized> Told for Tell<'_, T> {}

/// A value of a type that the compiler is to learn of, where it never gets to.
///
/// # Panics
///
/// Always.
#[cold]
#[inline(never)]
pub fn never<T>() -> T {
    unreachable!("this stands where no call gets to")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_err_is_an_error() {
        fn of_any<T>(value: &T) -> bool {
            Tell(value).is_err()
        }
        assert!(Tell(&Err::<u8, u8>(1)).is_err());
        assert!(!Tell(&Ok::<u8, u8>(1)).is_err());
        assert!(!Tell(&None::<u8>).is_err());
        assert!(!Tell("text").is_err());
        // What a type parameter stands for is not known where the body is compiled.
        assert!(!of_any(&Err::<u8, u8>(1)));
    }
}
