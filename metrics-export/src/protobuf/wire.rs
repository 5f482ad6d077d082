//! The few messages that are written without a value of their own: those that every series has.
//!
//! # Source
//!
//! [Protocol Buffers, encoding](https://protobuf.dev/programming-guides/encoding/)

use prost::length_delimiter_len;

/// Appends a length, as it stands before a text or a message.
pub(super) fn push_len(len: usize, out: &mut Vec<u8>) {
    // A vector has room for it.
    let _ = prost::encode_length_delimiter(len, out);
}

/// Appends, under `key`, a message that has two texts as its fields 1 and 2.
pub(super) fn push_text_pair(key: u8, first: &str, second: &str, out: &mut Vec<u8>) {
    let len = 2
        + length_delimiter_len(first.len())
        + first.len()
        + length_delimiter_len(second.len())
        + second.len();
    out.push(key);
    push_len(len, out);
    for (field, text) in [(1 << 3 | 2, first), (2 << 3 | 2, second)] {
        out.push(field);
        push_len(text.len(), out);
        out.extend_from_slice(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;
    use crate::protobuf::message::{LABEL_KEY, LabelPair};

    #[test]
    fn what_is_written_is_what_the_crate_prost_writes() {
        for len in [0, 1, 60, 61, 127, 128, 4_096, 16_383, 16_384, 70_000] {
            let (name, value) = ("k".repeat(len / 3), "v".repeat(len));
            let mut out = Vec::new();
            push_text_pair(LABEL_KEY, &name, &value, &mut out);
            let expected = LabelPair { name, value }.encode_length_delimited_to_vec();
            assert_eq!(out, [&[LABEL_KEY][..], &expected].concat(), "{len}");
        }
    }
}
