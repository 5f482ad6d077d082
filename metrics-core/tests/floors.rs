//! The floors of the crate: a module names only those above it in `lib.rs`.

#[path = "../../tests/support/floors.rs"]
mod floors;

use floors::floors;

#[test]
fn the_floors_stand_in_the_order_of_the_design() {
    let design = [
        "error",
        "name",
        "label",
        "kind",
        "level",
        "unit",
        "presentation",
        "amount",
        "number",
        "told",
        "label_set",
        "clock",
        "ticker",
        "panicked",
        "sample",
        "bucket",
        "arena",
        "handle",
        "table",
        "registry",
        "site",
        "snapshot",
        "testing",
        "history",
        "encode",
        "system",
        "trigger",
        "recording",
        "inert",
        "macros",
    ];
    assert_eq!(floors(), design);
}
