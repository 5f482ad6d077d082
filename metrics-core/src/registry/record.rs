//! What the directory's records say, and their bytes.
//!
//! Numbers are little-endian; a text is its length (4 bytes) and its UTF-8. A record begins with one
//! byte that says which it is. Names and labels are only ever read back by this file, which wrote
//! them; a record that cannot be read is passed over.

use crate::bucket::Layout;
use crate::kind::Kind;
use crate::unit::Unit;

const FAMILY: u8 = 1;
const SERIES: u8 = 2;
const AMENDMENT: u8 = 3;

/// One record of the directory.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Record {
    /// A name, and what all its series share.
    Family(FamilyRecord),
    /// One series of a family, and its slots.
    Series(SeriesRecord),
    /// A unit or description that came later.
    Amendment { registry: u32, family: u32, unit: Option<Unit>, description: Option<String> },
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct FamilyRecord {
    pub(super) registry: u32,
    pub(super) number: u32,
    pub(super) kind: Kind,
    pub(super) name: String,
    /// The unit of time that the values are in, where they are of time.
    pub(super) unit: Option<Unit>,
    pub(super) layout: Option<Layout>,
    pub(super) file: String,
    pub(super) line: u32,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct SeriesRecord {
    pub(super) registry: u32,
    pub(super) family: u32,
    /// True when it counts under the cap of its name.
    pub(super) capped: bool,
    pub(super) small: u64,
    pub(super) buckets: u64,
    /// Nanoseconds since 1970.
    pub(super) created: u64,
    /// Where it is not the family's.
    pub(super) layout: Option<Layout>,
    pub(super) labels: Vec<(String, String)>,
}

impl Record {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Writer(Vec::new());
        match self {
            Record::Family(family) => {
                out.byte(FAMILY).u32(family.registry).u32(family.number).byte(family.kind.code());
                out.text(&family.name).text(&family.file).u32(family.line);
                out.byte(Unit::code(family.unit)).layout(family.layout.as_ref());
            }
            Record::Series(series) => {
                out.byte(SERIES).u32(series.registry).u32(series.family).byte(series.capped.into());
                out.u64(series.small).u64(series.buckets).u64(series.created);
                out.layout(series.layout.as_ref());
                out.u32(series.labels.len() as u32);
                for (key, value) in &series.labels {
                    out.text(key).text(value);
                }
            }
            Record::Amendment { registry, family, unit, description } => {
                out.byte(AMENDMENT).u32(*registry).u32(*family).byte(Unit::code(*unit));
                out.byte(description.is_some().into()).text(description.as_deref().unwrap_or(""));
            }
        }
        out.0
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Record> {
        let mut from = Reader(bytes);
        match from.byte()? {
            FAMILY => Some(Record::Family(FamilyRecord {
                registry: from.u32()?,
                number: from.u32()?,
                kind: Kind::from_code(from.byte()?)?,
                name: from.text()?,
                file: from.text()?,
                line: from.u32()?,
                unit: Unit::from_code(from.byte()?),
                layout: from.layout()?,
            })),
            SERIES => Some(Record::Series(SeriesRecord {
                registry: from.u32()?,
                family: from.u32()?,
                capped: from.byte()? != 0,
                small: from.u64()?,
                buckets: from.u64()?,
                created: from.u64()?,
                layout: from.layout()?,
                labels: {
                    let count = from.u32()?;
                    (0..count)
                        .map(|_| Some((from.text()?, from.text()?)))
                        .collect::<Option<Vec<_>>>()?
                },
            })),
            AMENDMENT => Some(Record::Amendment {
                registry: from.u32()?,
                family: from.u32()?,
                unit: Unit::from_code(from.byte()?),
                description: {
                    let given = from.byte()? != 0;
                    Some(from.text()?).filter(|_| given)
                },
            }),
            _ => None,
        }
    }
}

struct Writer(Vec<u8>);

impl Writer {
    fn byte(&mut self, value: u8) -> &mut Writer {
        self.0.push(value);
        self
    }

    fn u32(&mut self, value: u32) -> &mut Writer {
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    fn u64(&mut self, value: u64) -> &mut Writer {
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    fn text(&mut self, text: &str) -> &mut Writer {
        self.u32(text.len() as u32);
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    fn layout(&mut self, layout: Option<&Layout>) -> &mut Writer {
        let Some(layout) = layout else { return self.byte(0) };
        self.byte(1);
        let (lowest, highest) = layout.exponents();
        self.byte(layout.schema() as u8).u32(lowest as u32).u32(highest as u32);
        self.u32(layout.bounds().len() as u32);
        for bound in layout.bounds() {
            self.u64(bound.to_bits());
        }
        self
    }
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn text(&mut self) -> Option<String> {
        let bytes = self.u32()? as usize;
        let (head, rest) = self.0.split_at_checked(bytes)?;
        self.0 = rest;
        String::from_utf8(head.to_vec()).ok()
    }

    /// A layout or none; the outer None where it cannot be read.
    fn layout(&mut self) -> Option<Option<Layout>> {
        if self.byte()? == 0 {
            return Some(None);
        }
        let schema = self.byte()? as i8;
        let lowest = self.u32()? as i32;
        // A layout widens its range to whole buckets, and asks for no more than this before.
        let highest = (self.u32()? as i32).min(Layout::MAX_EXPONENT);
        let count = self.u32()?;
        let bounds: Option<Vec<f64>> = (0..count).map(|_| self.u64().map(f64::from_bits)).collect();
        Layout::new(schema, lowest, highest, &bounds?).ok().map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Record> {
        vec![
            Record::Family(FamilyRecord {
                registry: 3,
                number: 9,
                kind: Kind::Histogram,
                name: "größe_bytes".into(),
                unit: Some(Unit::Milliseconds),
                layout: Some(Layout::new(-1, -8, 8, &[0.3, 1.0]).unwrap()),
                file: "src/a.rs".into(),
                line: 10,
            }),
            Record::Series(SeriesRecord {
                registry: 3,
                family: 9,
                capped: true,
                small: 64,
                buckets: 1 << 25,
                created: u64::MAX,
                layout: Some(Layout::new(3, -8, 8, &[]).unwrap()),
                labels: vec![("k".into(), "v\n\0\"".into()), ("l".into(), String::new())],
            }),
            Record::Amendment {
                registry: 3,
                family: 9,
                unit: Some(Unit::Bytes),
                description: Some("What it is".into()),
            },
            Record::Amendment { registry: 0, family: 0, unit: None, description: None },
        ]
    }

    #[test]
    fn every_record_comes_back() {
        for record in all() {
            assert_eq!(Record::decode(&record.encode()), Some(record));
        }
    }

    #[test]
    fn a_record_that_is_cut_anywhere_is_passed_over() {
        for record in all() {
            let bytes = record.encode();
            for end in 0..bytes.len() {
                assert_eq!(Record::decode(&bytes[..end]), None, "{record:?} cut at {end}");
            }
        }
        assert_eq!(Record::decode(&[99]), None);
    }
}
