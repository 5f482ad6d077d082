//! One connection: its requests, and its end.

use std::convert::Infallible;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use crate::bodies::Bodies;
use crate::listening::Listening;
use crate::responder::{self, Responder, Route, Step};
use crate::server::listener::Stream;
use crate::server::room::{Phase, Place, Seat, Told};
#[cfg(feature = "tls")]
use crate::server::tls;
use crate::server::watched::Watched;

/// The most that a request's head may take: 431 beyond.
const HEAD_BYTES_MAX: usize = 16 * 1_024;
/// The most headers: 431 beyond.
const HEADERS_MAX: usize = 64;
/// What a client that was refused may still send before the connection is cut; without that it would not see why.
const DRAINED_BYTES_MAX: u64 = 256 * 1_024;
/// How long it may take for that.
const FAREWELL: Duration = Duration::from_millis(500);
/// To who does not come to the end of a request's head.
const TIMED_OUT: &str = "HTTP/1.1 408 Request Timeout\r\n\
    content-type: text/plain; charset=utf-8\r\ncontent-length: 36\r\nconnection: close\r\n\
    x-content-type-options: nosniff\r\ncache-control: no-store\r\n\r\n\
    the request did not come to its end\n";

/// What all connections of a server have in common.
#[derive(Debug)]
pub(super) struct Connections {
    bodies: Bodies,
    pub(super) listening: Listening,
}

impl Connections {
    pub(super) fn new(responder: Responder, listening: Listening) -> Connections {
        Connections { bodies: Bodies::new(responder), listening }
    }

    /// Answers what comes on a connection until it ends, is told to, or takes too long.
    pub(super) async fn run(self: Rc<Self>, stream: Box<dyn Stream>, place: Place) {
        let Some(stream) = self.secure(stream, &place).await else { return };
        let seat = place.seat();
        let service = service_fn(|request: Request<Incoming>| {
            Rc::clone(&self).respond(Rc::clone(&seat), request)
        });
        let io = TokioIo::new(Watched::new(stream, place.seat()));
        let mut connection = http1::Builder::new()
            // Who asks and then says that this was all is answered.
            .half_close(true)
            .max_headers(HEADERS_MAX)
            .max_header_size(HEAD_BYTES_MAX)
            .serve_connection(io, service);
        let told = loop {
            tokio::select! {
                biased;
                _ = &mut connection => break None,
                told = place.told(self.listening.patience) => match (told, seat.phase()) {
                    (Told::End, Phase::Rendering | Phase::Writing) => {
                        std::pin::Pin::new(&mut connection).graceful_shutdown();
                    }
                    (told, phase) => break Some((told, phase)),
                },
            }
        };
        let stream = connection.into_parts().io.into_inner().into_inner();
        let farewell = match told {
            None => goodbye(stream, "", FAREWELL),
            Some((Told::Late, Phase::Reading)) => goodbye(stream, TIMED_OUT, FAREWELL),
            // It hears that if it can be said at once.
            Some((_, Phase::Reading)) => goodbye(stream, TIMED_OUT, Duration::ZERO),
            // Nobody is there, or nobody reads. It hears that all the same, also where a forked child has a copy of the connection.
            Some(_) => goodbye(stream, "", Duration::ZERO),
        };
        // Whatever it was at, another one may have its place now.
        seat.enter(Phase::Idle);
        tokio::select! {
            biased;
            () = farewell => {}
            // Another one needs the place.
            () = place.needed() => {}
        }
    }

    /// The connection itself, or with TLS around it; None where that cannot be agreed on.
    #[cfg(not(feature = "tls"))]
    async fn secure(&self, stream: Box<dyn Stream>, _place: &Place) -> Option<Box<dyn Stream>> {
        Some(stream)
    }

    /// The connection itself, or with TLS around it; None where that cannot be agreed on.
    #[cfg(feature = "tls")]
    async fn secure(&self, stream: Box<dyn Stream>, place: &Place) -> Option<Box<dyn Stream>> {
        let Some(tls) = &self.listening.tls else { return Some(stream) };
        tokio::select! {
            biased;
            secured = tls::accept(tls, stream) => secured.ok(),
            // Told to leave, to end, or too slow: there is no request yet.
            _ = place.told(self.listening.patience) => None,
        }
    }

    async fn respond(
        self: Rc<Self>,
        seat: Rc<Seat>,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Infallible> {
        seat.enter(Phase::Rendering);
        let (head, _body) = request.into_parts();
        let response = match self.bodies.begin(&head) {
            Step::Done(response) => response,
            Step::Work(route) => self.put_together(head, route).await,
        };
        seat.enter(Phase::Writing);
        Ok(response.map(Full::new))
    }

    /// Puts a response together, which may take its time once it has its turn. What waits for that when the server ends is
    /// never begun.
    async fn put_together(&self, head: Parts, route: Route) -> Response<Bytes> {
        match timeout(self.listening.patience, self.bodies.turn()).await {
            Ok(Some(turn)) => self.bodies.put_together(head, route, turn).await,
            _ => responder::busy(),
        }
    }
}

/// Says a last word, and lets the client come to the end of its own for a moment, so that it hears that.
async fn goodbye(mut stream: Box<dyn Stream>, last: &str, patience: Duration) {
    let farewell = async {
        if stream.write_all(last.as_bytes()).await.is_err() || stream.shutdown().await.is_err() {
            return;
        }
        let mut rest = stream.take(DRAINED_BYTES_MAX);
        // Whatever it is, it is not for us.
        let _ = tokio::io::copy(&mut rest, &mut tokio::io::sink()).await;
    };
    let _ = timeout(patience, farewell).await;
}

#[cfg(test)]
mod tests {
    use tachograph::Registry;
    use tokio::io::duplex;
    use tokio::task::LocalSet;
    use tokio::time::Instant;

    use super::*;
    use crate::endpoint::Endpoint;
    use crate::responder::Routes;
    use crate::served::Served;
    use crate::server::room::Room;

    fn connections() -> Rc<Connections> {
        let endpoint = Endpoint::new();
        let source = Registry::new().parts().source;
        let responder = endpoint.respond_with(source, Routes::Metrics, None, true);
        Rc::new(Connections::new(responder, endpoint.listening))
    }

    #[tokio::test(start_paused = true)]
    async fn who_gives_its_place_to_another_keeps_no_connection_beyond() {
        let (connections, room) = (connections(), Rc::new(Room::default()));
        let check = async {
            for said in ["", "GET /met", "nonsense\r\n\r\n"] {
                let place = room.enter(1).unwrap();
                let (mut client, server) = duplex(4_096);
                client.write_all(said.as_bytes()).await.unwrap();
                let run = Rc::clone(&connections).run(Box::new(server), place);
                let run = tokio::task::spawn_local(run);
                // It has read what there is.
                for _ in 0..10 {
                    tokio::task::yield_now().await;
                }
                let began = Instant::now();
                drop(room.enter(1).unwrap());
                run.await.unwrap();
                assert_eq!(began.elapsed(), Duration::ZERO, "{said}");
                let mut heard = String::new();
                client.read_to_string(&mut heard).await.unwrap();
                assert_eq!(heard.contains(" 408 "), said == "GET /met", "{said}: {heard}");
            }
        };
        LocalSet::new().run_until(check).await;
    }
}
