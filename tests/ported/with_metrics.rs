//! `forms.rs` with the crate that it was written for.

mod forms;

fn main() {
    forms::describe();
    forms::record();
}
