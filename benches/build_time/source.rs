//! The source of a crate of many functions.

/// Ten functions of 5 to 14 lines, each ending the one before: free ones, methods, generic ones, `?`, closures,
/// loops and matches. `ATTRIBUTE` stands before each, `N` is a number.
const TEN: &str = r#"
#[derive(Debug, Clone, Default)]
pub struct RecordN {
    pub name: String,
    pub sizes: Vec<u32>,
    pub parent: Option<Box<RecordN>>,
}

impl RecordN {
    ATTRIBUTEpub fn parse(line: &str) -> Result<Self, ParseIntError> {
        let mut words = line.split_whitespace();
        let name = words.next().unwrap_or_default().to_owned();
        let sizes = words.map(str::parse).collect::<Result<Vec<u32>, _>>()?;
        Ok(RecordN { name, sizes, parent: None })
    }

    ATTRIBUTEpub fn depth(&self) -> usize {
        let mut depth = 0;
        let mut record = self;
        while let Some(parent) = &record.parent {
            depth += 1;
            record = parent;
        }
        depth
    }

    ATTRIBUTEpub fn total(&self) -> u64 {
        let own: u64 = self.sizes.iter().copied().map(u64::from).sum();
        match &self.parent {
            Some(parent) => own.saturating_add(parent.total()),
            None => own,
        }
    }

    ATTRIBUTEpub fn rename(&mut self, names: &HashMap<String, String>) -> bool {
        match names.get(&self.name) {
            Some(name) if *name != self.name => {
                self.name.clone_from(name);
                true
            }
            _ => false,
        }
    }

    ATTRIBUTEpub fn into_pairs(self) -> impl Iterator<Item = (usize, u32)> {
        let limit = self.sizes.len().min(100);
        self.sizes.into_iter().take(limit).enumerate().filter(|(place, size)| {
            place % 2 == 0 || *size > 3
        })
    }
}

ATTRIBUTEpub fn count_N(records: &[RecordN]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for record in records {
        *counts.entry(record.name.as_str()).or_insert(0) += record.sizes.len();
    }
    counts
}

ATTRIBUTEpub fn largest_N<T: Ord + Copy>(values: &[T], at_most: usize) -> Vec<T> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    sorted.truncate(at_most);
    sorted
}

ATTRIBUTEpub fn read_N(text: &str) -> Result<Vec<RecordN>, Box<dyn Error>> {
    let mut records = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let record = RecordN::parse(line).map_err(|error| format!("line {number}: {error}"))?;
        records.push(record);
    }
    if records.is_empty() {
        return Err("no record".into());
    }
    Ok(records)
}

ATTRIBUTEpub fn write_N(records: &[RecordN], out: &mut dyn Write) -> io::Result<usize> {
    let mut written = 0;
    for record in records {
        let line = format!("{}: {:?} ({})", record.name, record.sizes, record.depth());
        out.write_all(line.as_bytes())?;
        written += line.len();
    }
    Ok(written)
}

ATTRIBUTEpub async fn wait_N(records: Vec<RecordN>, mut step: impl AsyncFnMut(&RecordN) -> u64) -> u64 {
    let mut total = 0;
    for record in &records {
        total += step(record).await;
        if total > u64::from(u32::MAX) {
            break;
        }
    }
    total
}
"#;

/// A crate of so many functions, a multiple of ten, with `attribute` before each.
pub(crate) fn of_crate(functions: usize, attribute: &str) -> String {
    let mut source = String::from(
        "#![allow(dead_code, async_fn_in_trait)]\n\
         use std::collections::{BTreeMap, HashMap};\n\
         use std::error::Error;\nuse std::io::{self, Write};\nuse std::num::ParseIntError;\n",
    );
    for number in 0..functions / 10 {
        let one = TEN.replace("ATTRIBUTE", attribute);
        source.push_str(
            &one.replace("RecordN", &format!("Record{number}"))
                .replace("_N(", &format!("_{number}("))
                .replace("_N<", &format!("_{number}<")),
        );
    }
    source
}
