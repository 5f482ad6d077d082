use tachograph::{LabelSet, counter};

#[derive(LabelSet)]
#[label(key = "", renameall = "lowercase")]
enum Method {
    #[label("get", "GET")]
    Get,
    #[label("GET", other)]
    Fetch(u8),
    #[label(other)]
    Unknown,
}

#[derive(LabelSet)]
struct Request {
    method: Method,
}

fn count(request: &Request) -> usize {
    counter!("methods_total", "method" => request.method).increment(1);
    let Ok(parsed) = "get".parse::<Method>();
    request.index() + parsed.index() + Request::SERIES
}

fn main() {}
