use tachograph::timed;

trait Stage {
    #[timed]
    fn run(&self);
}

struct Parse;

impl Stage for Parse {
    fn run(&self) {}
}

fn main() {
    Parse.run();
}
