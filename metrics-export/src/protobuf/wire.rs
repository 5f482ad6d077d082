//! The few messages that are written without a value of their own: those that every series has.
//!
//! # Source
//!
//! [Protocol Buffers, encoding](https://protobuf.dev/programming-guides/encoding/)

/// Appends a whole number, seven bits in a byte, the low ones first.
pub(super) fn push_varint(mut number: usize, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Appends, under `key`, a message that has two texts as its fields 1 and 2.
pub(super) fn push_text_pair(key: u8, first: &str, second: &str, out: &mut Vec<u8>) {
    let len = 2 + varint_len(first.len()) + first.len() + varint_len(second.len()) + second.len();
    out.push(key);
    push_varint(len, out);
    for (field, text) in [(1 << 3 | 2, first), (2 << 3 | 2, second)] {
        out.push(field);
        push_varint(text.len(), out);
        out.extend_from_slice(text.as_bytes());
    }
}

fn varint_len(number: usize) -> usize {
    let bits = usize::BITS - (number | 1).leading_zeros();
    bits.div_ceil(7) as usize
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
        for number in [0, 1, 127, 128, 1 << 14, usize::MAX] {
            let (mut out, mut expected) = (Vec::new(), Vec::new());
            push_varint(number, &mut out);
            prost::encode_length_delimiter(number, &mut expected).unwrap();
            assert_eq!((&out, out.len()), (&expected, varint_len(number)));
        }
    }
}
