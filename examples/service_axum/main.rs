//! A service with axum, whose metrics are one more route.
//!
//! ```text
//! cargo run --release --example service_axum -- [ADDRESS]
//! curl 127.0.0.1:8080/orders/7
//! curl 127.0.0.1:8080/metrics
//! ```
//!
//! It serves until it is interrupted. Requests are timed by `#[timed]` on the handlers, which may be async, borrow, and
//! return what they like.

use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::get;
use tachograph::{counter, gauge, timed};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("service_axum: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    let address: SocketAddr = address
        .parse()
        .map_err(|_| format!("`{address}` is no address: give one such as 127.0.0.1:8080"))?;
    let _recording = tachograph::init().label("service", "orders").start();
    let router = Router::new()
        .route("/orders/{number}", get(order))
        .route("/metrics", get(tachograph_export::axum::metrics));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(address).await?;
        println!("listening on http://{}", listener.local_addr()?);
        axum::serve(listener, router).await?;
        Ok(())
    })
}

/// Finds an order.
#[timed(outcome, in_flight, busy)]
async fn order(Path(number): Path<u32>) -> Result<String, StatusCode> {
    let total = price(number).await.ok_or(StatusCode::NOT_FOUND)?;
    counter!("orders_shown_total").increment(1);
    gauge!("order_last_total_euros").set(total);
    Ok(format!("order {number}: {total:.2} euros\n"))
}

/// What a database would be asked for.
#[timed]
async fn price(number: u32) -> Option<f64> {
    tokio::time::sleep(Duration::from_millis(u64::from(number % 5))).await;
    (number % 10 != 9).then(|| 9.99 * f64::from(number % 7 + 1))
}
