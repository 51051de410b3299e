//! A page's accept loop, for every page that the daemon serves: so many connections and no more, of one address fewer, TLS where
//! there is a certificate, and nobody who says nothing keeps a place. What is beyond the limit is refused at once and costs a
//! few microseconds. What is said in a connection is axum's business, and the page's.

mod links;
mod places;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
pub use links::Caller;
use places::{Place, Places};
use rustls::ServerConfig;
use std::net::IpAddr;
use std::os::fd::AsRawFd;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
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

/// Who may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once.
    pub all: usize,
    /// Of one address; of an IPv6 network that is none of ours together.
    pub each: usize,
}

/// What a new connection is encrypted with; asked for each, so that a certificate can change.
pub type Tls = Box<dyn Fn() -> Arc<ServerConfig> + Send + Sync>;

/// The way into a page.
pub struct Entrance {
    pub listener: TcpListener,
    pub limits: Limits,
    /// `None`: as it is.
    pub tls: Option<Tls>,
    /// Counts who was refused: `full`, `address`, `tls`.
    pub refused: fn(&'static str),
    /// `true`, or nobody who could say so: the page ends.
    pub stopping: watch::Receiver<bool>,
}

/// The address of whoever asks: an extension of every request.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// Serves `app` until it is told to stop; what is being answered then has a moment to end.
pub async fn serve(entrance: Entrance, app: Router) {
    let Entrance { listener, limits, tls, refused, stopping } = entrance;
    let places = Places::new(limits.all, limits.each);
    let mut open = JoinSet::new();
    let mut stopped = pin!(stopped(stopping.clone()));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = open.join_next() => continue,
            () = stopped.as_mut() => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::debug!(%error, "a connection to a page was not accepted");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let place = match places.take(Caller::now(peer.ip())) {
            Ok(place) => place,
            Err(full) => {
                refused(full.name());
                refuse(&stream, tls.is_some());
                continue;
            }
        };
        give_up_on_silence(&stream);
        let guest = Guest { app: app.clone(), peer: Peer(peer.ip()), stopping: stopping.clone(), _place: place };
        match &tls {
            None => open.spawn(guest.talk(stream)),
            Some(tls) => open.spawn(guest.shake_hands(stream, TlsAcceptor::from(tls()), refused)),
        };
    }
    drop(listener);
    let _ = timeout(FAREWELL, async { while open.join_next().await.is_some() {} }).await;
    open.shutdown().await;
}

async fn stopped(mut stopping: watch::Receiver<bool>) {
    // An error means that whoever could say so is gone: that is the end too.
    let _ = stopping.wait_for(|stop| *stop).await;
}

/// Says so where it costs nothing: a byte more than the socket takes is not worth a wait.
fn refuse(stream: &TcpStream, tls: bool) {
    if !tls {
        let _ = stream.try_write(b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    }
}

/// Who has a place.
struct Guest {
    app: Router,
    peer: Peer,
    stopping: watch::Receiver<bool>,
    _place: Place,
}

impl Guest {
    async fn shake_hands(self, stream: TcpStream, tls: TlsAcceptor, refused: fn(&'static str)) {
        match timeout(HANDSHAKE, tls.accept(stream)).await {
            Ok(Ok(stream)) => self.talk(stream).await,
            _ => refused("tls"),
        }
    }

    async fn talk(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let app = TowerToHyperService::new(self.app);
        let told = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(self.peer);
            app.call(request)
        });
        // With upgrades: a WebSocket gives its place back, and whoever takes the socket over counts for himself.
        let serving = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADERS)
            .max_buf_size(HEADER_BYTES)
            .serve_connection(TokioIo::new(stream), told)
            .with_upgrades();
        let mut serving = pin!(serving);
        tokio::select! {
            // Ended, or broken by the browser: both are everyday.
            _ = serving.as_mut() => return,
            () = stopped(self.stopping) => serving.as_mut().graceful_shutdown(),
        }
        let _ = timeout(FAREWELL, serving).await;
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    async fn ask(stream: &mut TcpStream) -> String {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let mut answer = [0; 1024];
        let read = stream.read(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer[..read]).into_owned()
    }

    #[tokio::test]
    async fn beyond_its_places_a_page_refuses_at_once_and_serves_again_when_somebody_leaves() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopping) = watch::channel(false);
        let limits = Limits { all: 2, each: 2 };
        let app = Router::new().route("/", get(|| async { "good day" }));
        let page = tokio::spawn(serve(Entrance { listener, limits, tls: None, refused: |_| {}, stopping }, app));

        let mut first = TcpStream::connect(address).await.unwrap();
        assert!(ask(&mut first).await.ends_with("good day"));
        let mut second = TcpStream::connect(address).await.unwrap();
        assert!(ask(&mut second).await.ends_with("good day"));
        let mut third = String::new();
        TcpStream::connect(address).await.unwrap().read_to_string(&mut third).await.unwrap();
        assert!(third.starts_with("HTTP/1.1 503"), "{third}");
        assert!(ask(&mut second).await.ends_with("good day"), "whoever is in stays in");

        drop(first);
        // The page learns of it when it reads the end of that connection.
        timeout(Duration::from_secs(10), async {
            while !ask(&mut TcpStream::connect(address).await.unwrap()).await.ends_with("good day") {}
        })
        .await
        .expect("the place is free again");

        stop.send(true).unwrap();
        page.await.unwrap();
        assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
    }

    #[tokio::test]
    async fn who_says_nothing_or_never_ends_a_head_loses_the_place() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (_stop, stopping) = watch::channel(false);
        let entrance = Entrance { listener, limits: Limits { all: 9, each: 9 }, tls: None, refused: |_| {}, stopping };
        let page = tokio::spawn(serve(entrance, Router::new()));
        let mut silent = TcpStream::connect(address).await.unwrap();
        let mut slow = TcpStream::connect(address).await.unwrap();
        slow.write_all(b"GET / HTTP/1.1\r\nHost:").await.unwrap();
        let mut long = TcpStream::connect(address).await.unwrap();
        let head = format!("GET / HTTP/1.1\r\nHost: x\r\nx: {}\r\n\r\n", "y".repeat(2 * HEADER_BYTES));
        long.write_all(head.as_bytes()).await.unwrap();
        let mut heard = [String::new(), String::new(), String::new()];
        for (stream, heard) in [&mut silent, &mut slow, &mut long].into_iter().zip(&mut heard) {
            // An end, or a reset where bytes were left unread.
            let _ = timeout(HEADERS * 3, stream.read_to_string(heard)).await.expect("the place is wanted");
        }
        assert!(heard[2].starts_with("HTTP/1.1 431") || heard[2].is_empty(), "{heard:?}");
        assert!(heard[..2].iter().all(|said| said.is_empty() || said.starts_with("HTTP/1.1 408")), "{heard:?}");
        page.abort();
    }
}
