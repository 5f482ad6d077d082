//! `#[timed]` in the crates of others, which are of other editions than the macro: what depends on the edition
//! is decided by theirs.

#[path = "support/workspace.rs"]
mod workspace;

use workspace::Workspace;

const PROGRAM: &str = include_str!("editions/program.rs");

/// What only one edition has.
const OF_2018: &str = r#"
#[allow(bare_trait_objects)]
#[timed(outcome)]
fn bare(fails: bool) -> Result<u8, Box<std::error::Error>> {
    if fails {
        return Err("as asked".into());
    }
    Ok(1)
}

fn in_this_edition() {
    assert!(bare(true).is_err());
    assert_eq!(bare(false).unwrap(), 1);
}
"#;

const OF_OTHERS: &str = "\nfn in_this_edition() {}\n";

#[test]
fn annotated_functions_do_what_the_plain_ones_do_in_every_edition() {
    let workspace = Workspace::new("editions", &["edition_2018", "edition_2021", "edition_2024"]);
    for (edition, more) in [("2018", OF_2018), ("2021", OF_OTHERS), ("2024", OF_OTHERS)] {
        let program = format!("#![deny(warnings)]\n{PROGRAM}{more}").replace("//! ", "// ");
        let name = format!("edition_{edition}");
        let files = [("src/main.rs", program.as_str())];
        workspace.package(&name, edition, "tachograph = { path = CORE }\n", &files);
    }
    for edition in ["2018", "2021", "2024"] {
        workspace.cargo(&["run", "--quiet", "--package", &format!("edition_{edition}")]);
    }
}
