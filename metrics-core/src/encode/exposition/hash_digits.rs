//! Digits that stand in names and labels which would be another's without them.

/// 32 bits that tell a written text from others: FNV-1a, begun with `salt`.
///
/// They are part of names that go out, so they are the same in every version and on every machine.
pub(super) fn digits(written: &str, salt: u32) -> u32 {
    let bytes = salt.to_le_bytes().into_iter().chain(written.bytes());
    bytes.fold(0x811c_9dc5, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_those_of_every_version() {
        assert_eq!(digits("a.b", 1), DIGITS);
        assert_ne!(digits("a.b", 1), digits("a.b", 2));
        assert_ne!(digits("a.b", 1), digits("a-b", 1));
    }

    /// FNV-1a, 32 bits, of the bytes 01 00 00 00 61 2e 62.
    const DIGITS: u32 = 0x70cd_a3b3;
}
