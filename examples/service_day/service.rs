//! The service, as far as it records: what any program writes, but for the time of samples, which is the simulated one.

use std::time::Duration;

use tachograph::{Counter, Error, Rate, Registry, Sample, Summary, Timer};

use crate::clock::{Clock, SECOND};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    Home,
    Search,
    Checkout,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Answered,
    Failed,
    /// Turned away at once, since too many wait.
    Shed,
}

/// A request, and how it went.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) route: Route,
    pub(crate) status: Status,
    pub(crate) took: Duration,
    /// What was ordered, if something was.
    pub(crate) euros: Option<f64>,
}

impl Request {
    /// Unless it brings money.
    pub(crate) fn turn_away(&mut self) {
        if self.route != Route::Checkout {
            (self.status, self.took) = (Status::Shed, Duration::from_micros(200));
        }
    }
}

impl Route {
    pub(crate) const ALL: [Route; 3] = [Route::Home, Route::Search, Route::Checkout];

    pub(crate) const fn path(self) -> &'static str {
        match self {
            Route::Home => "/",
            Route::Search => "/search",
            Route::Checkout => "/checkout",
        }
    }
}

impl Status {
    pub(crate) const ALL: [Status; 3] = [Status::Answered, Status::Failed, Status::Shed];

    pub(crate) const fn code(self) -> &'static str {
        match self {
            Status::Answered => "200",
            Status::Failed => "503",
            Status::Shed => "429",
        }
    }
}

pub(crate) const REQUESTS: &str = "http_requests_total";
pub(crate) const DURATIONS: &str = "http_request_seconds";
pub(crate) const WAITING: &str = "http_requests_waiting";
pub(crate) const ORDERS: &str = "orders";
pub(crate) const ORDER_EUROS: &str = "order_euros";

/// The handles.
pub(crate) struct Service {
    clock: Clock,
    /// By route, and then by status.
    requests: [[Counter; 3]; 3],
    durations: [Timer; 3],
    orders: Rate,
    order_euros: Summary,
}

impl Service {
    pub(crate) fn new(registry: &Registry, clock: &Clock) -> Result<Service, Error> {
        let requests = |route: Route, status: Status| {
            registry.counter(REQUESTS, &[("route", route.path()), ("status", status.code())])
        };
        let of_route = |route| -> Result<[Counter; 3], Error> {
            let [answered, failed, shed] = Status::ALL.map(|status| requests(route, status));
            Ok([answered?, failed?, shed?])
        };
        let [home, search, checkout] = Route::ALL.map(of_route);
        let durations =
            Route::ALL.map(|route| registry.timer(DURATIONS, &[("route", route.path())]));
        let [of_home, of_search, of_checkout] = durations;
        Ok(Service {
            clock: clock.clone(),
            requests: [home?, search?, checkout?],
            durations: [of_home?, of_search?, of_checkout?],
            orders: registry.rate(ORDERS, &[])?,
            order_euros: registry.summary(ORDER_EUROS, &[])?,
        })
    }

    pub(crate) fn answer(&self, request: &Request) {
        let (route, status) = (request.route as usize, request.status as usize);
        self.requests[route][status].increment(1);
        self.durations[route].record(request.took);
        if let Some(euros) = request.euros {
            self.orders.increment(1);
            // In the middle of the second that ends with the next tick.
            let now = self.clock.now() + SECOND / 2;
            let region = if request.took.subsec_nanos() % 3 == 0 { "north" } else { "south" };
            let sample = Sample::new(euros).at(now).tag("region", region);
            self.order_euros.record_sample(sample.metadata("took_ms", request.took.as_millis()));
        }
    }

    /// A new version begins with all totals at zero. Nothing is lost: what was recorded until the last tick is history.
    pub(crate) fn restart(&self, registry: &Registry) {
        for name in [REQUESTS, DURATIONS, WAITING, ORDERS, ORDER_EUROS] {
            registry.reset(name);
        }
    }
}
