//! The accept loop: so many connections and no more, of one address fewer, TLS where there is a certificate, and nobody who
//! says nothing keeps a place. What is beyond the limit is refused at once and costs a few microseconds.

use super::Peer;
use super::certificate::Certificate;
use super::places::{Place, Places};
use super::room::Shared;
use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::os::fd::AsRawFd;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

/// For the headers of a request, the first and each later one: an idle connection goes, and a browser opens another.
const HEADERS: Duration = Duration::from_secs(10);
/// For a TLS handshake: a phone at the edge of the radio needs a few seconds.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Bytes of a request's headers. Ours have some 600.
const HEADER_BYTES: usize = 16 * 1024;
/// A peer that acknowledges nothing of what was sent for so long is gone: its place is wanted.
const UNACKNOWLEDGED: Duration = Duration::from_secs(40);
/// After an accept that failed (no more files): the loop must not spin.
const PAUSE: Duration = Duration::from_millis(100);
/// For what is being answered when the daemon stops.
const FAREWELL: Duration = Duration::from_millis(300);

/// Serves until the console stops.
pub async fn serve(
    listener: TcpListener,
    certificate: Option<Arc<Certificate>>,
    places: &Arc<Places>,
    app: Router,
    room: &Shared,
) {
    let mut open = JoinSet::new();
    let mut stopped = pin!(room.stopped());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = open.join_next() => continue,
            () = stopped.as_mut() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::debug!(%error, "a connection to the guards' page was not accepted");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let place = match places.take(peer.ip()) {
            Ok(place) => place,
            Err(full) => {
                metrics::counter!("lobbyd_console_refused_total", "reason" => full.name()).increment(1);
                refuse(&stream, certificate.is_some());
                continue;
            }
        };
        give_up_on_silence(&stream);
        let tls = certificate.as_ref().map(|certificate| TlsAcceptor::from(certificate.at(room.now())));
        let app = (app.clone(), Peer(peer.ip()));
        open.spawn(connection(stream, tls, app, place, room.clone()));
    }
    drop(listener);
    let _ = timeout(FAREWELL, async { while open.join_next().await.is_some() {} }).await;
    open.shutdown().await;
}

/// Says so where it costs nothing: a byte more than the socket takes is not worth a wait.
fn refuse(stream: &TcpStream, tls: bool) {
    if !tls {
        let _ = stream.try_write(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    }
}

async fn connection(stream: TcpStream, tls: Option<TlsAcceptor>, app: (Router, Peer), _place: Place, room: Shared) {
    match tls {
        None => talk(stream, app, &room).await,
        Some(tls) => match timeout(HANDSHAKE, tls.accept(stream)).await {
            Ok(Ok(stream)) => talk(stream, app, &room).await,
            _ => metrics::counter!("lobbyd_console_refused_total", "reason" => "tls").increment(1),
        },
    }
}

async fn talk(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    (app, peer): (Router, Peer),
    room: &Shared,
) {
    let app = TowerToHyperService::new(app);
    let told = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        app.call(request)
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .max_buf_size(HEADER_BYTES)
        .serve_connection(TokioIo::new(stream), told);
    let mut serving = pin!(serving);
    tokio::select! {
        // Ended, or broken by the browser: both are everyday.
        _ = serving.as_mut() => return,
        () = room.stopped() => serving.as_mut().graceful_shutdown(),
    }
    let _ = timeout(FAREWELL, serving).await;
}

/// The kernel gives up on a peer that acknowledges nothing (tcp(7), TCP_USER_TIMEOUT); else a phone that has left the
/// building keeps its place for a quarter of an hour.
fn give_up_on_silence(stream: &TcpStream) {
    let millis = libc::c_uint::try_from(UNACKNOWLEDGED.as_millis()).unwrap_or(libc::c_uint::MAX);
    // SAFETY: the descriptor is open for as long as `stream` lives, and the option is read from `millis` within the call.
    let set = unsafe {
        libc::setsockopt(
            stream.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_USER_TIMEOUT,
            (&raw const millis).cast(),
            size_of::<libc::c_uint>() as libc::socklen_t,
        )
    };
    let delay = stream.set_nodelay(true);
    if set != 0 || delay.is_err() {
        tracing::debug!("a connection keeps the kernel's own time-outs");
    }
}
