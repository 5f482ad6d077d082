use tachograph::timed;

#[timed]
mod stages {}

fn main() {}
