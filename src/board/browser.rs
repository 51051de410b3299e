//! The kiosk's screen on a local web page; the mouse is the finger, and text that is pasted or dropped is the scanner's. For trying
//! lobbyd without hardware, for the demo, and for tests in a real browser. Several people may look, and the first finger counts.
//!
//! It has no password: it serves this machine, or a network whose people may all stand before the kiosk. It never
//! loads anything from another host, never lets another site's page in, and never lets a slow viewer hold up the screen.

mod finger;
mod scanner;
mod screen;
mod viewer;

use super::{BoardError, Display, Frame, Outline, Touch};
use crate::http::{self, Entrance, Limits};
use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use embedded_graphics::prelude::Size;
use embedded_graphics::primitives::Rectangle;
use finger::Finger;
pub use finger::read as touch_of;
use scanner::Scanner;
pub use scanner::read as reading_of;
use screen::Screen;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// People who look at the same time. Each costs a picture being encoded; a page left open in a few tabs must not slow
/// down the Pi.
const VIEWERS: usize = 8;

/// Connections that are no viewers yet: a browser opens up to six for the parts of a page. All may come from one machine.
const LIMITS: Limits = Limits { all: 64, each: 64 };

/// Bytes of one message from a page. The longest it sends is a reading of the scanner.
const MESSAGE: usize = 1024;

/// A page of this machine, such as the demo's, may show the screen in a frame; nobody else's may. Everything it loads
/// is our own.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'self' http://127.0.0.1:* http://localhost:*";

/// The display. Dropping it closes the page's port and every viewer.
pub struct Browser {
    size: Size,
    shared: Arc<Shared>,
    /// Counts pictures; viewers wait on it and end when it is gone.
    version: watch::Sender<u64>,
    server: JoinHandle<()>,
    /// Its end is the server's.
    _stop: watch::Sender<bool>,
}

/// What the kiosk's thread and the viewers' tasks share.
struct Shared {
    screen: Mutex<Screen>,
    finger: Mutex<Finger>,
    scanner: Scanner,
}

/// What people do at the page.
pub struct Inputs {
    /// In the display's pixels.
    pub touches: Receiver<Touch>,
    /// Text from the scanner, as it came.
    pub readings: Receiver<String>,
}

impl Shared {
    /// A viewer that panicked while it held the lock has damaged nothing that the next picture does not mend.
    fn screen(&self) -> std::sync::MutexGuard<'_, Screen> {
        self.screen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn finger(&self) -> std::sync::MutexGuard<'_, Finger> {
        self.finger.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Browser {
    /// Serves the page on `address` (port 0: any free one) and says where it is.
    ///
    /// # Errors
    /// [`BoardError::Open`] when nothing can listen on the address.
    pub fn start(
        address: SocketAddr,
        size: Size,
        runtime: Handle,
    ) -> Result<(Browser, Inputs, SocketAddr), BoardError> {
        let (finger, touches) = Finger::new();
        let (scanner, readings) = Scanner::new();
        let shared = Arc::new(Shared { screen: Mutex::new(Screen::new(size)), finger: Mutex::new(finger), scanner });
        let (version, versions) = watch::channel(0);
        let (listener, bound) = listen(address, &runtime).map_err(|error| {
            BoardError::Open(format!(
                "the screen's page cannot be served on {address}: {error}. Another program may hold the port: choose \
                 another as \"listen\" in [kiosk] of lobby.toml"
            ))
        })?;
        let app = routes(Served { shared: shared.clone(), versions });
        let (stop, stopping) = watch::channel(false);
        let refused = |reason| metrics::counter!("lobbyd_browser_refused_total", "reason" => reason).increment(1);
        let server = runtime.spawn(async move {
            http::serve(Entrance { listener, limits: LIMITS, tls: None, refused, stopping }, app).await;
        });
        Ok((Browser { size, shared, version, server, _stop: stop }, Inputs { touches, readings }, bound))
    }
}

fn listen(address: SocketAddr, runtime: &Handle) -> std::io::Result<(tokio::net::TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let bound = listener.local_addr()?;
    let _entered = runtime.enter();
    Ok((tokio::net::TcpListener::from_std(listener)?, bound))
}

impl Display for Browser {
    fn size(&self) -> Size {
        self.size
    }

    /// Copies the damage and returns; encoding and sending are the viewers' tasks.
    fn present(&mut self, frame: &Frame, damage: &[Rectangle], outline: &Outline) -> Result<(), BoardError> {
        if self.server.is_finished() {
            return Err(BoardError::Lost("the screen's page is no longer served".into()));
        }
        self.shared.screen().update(frame, damage, outline);
        self.version.send_modify(|version| *version += 1);
        Ok(())
    }
}

#[derive(Clone)]
struct Served {
    shared: Arc<Shared>,
    versions: watch::Receiver<u64>,
}

fn routes(served: Served) -> Router {
    Router::new()
        .route("/", get(|| page("text/html; charset=utf-8", include_str!("browser/page.html"))))
        .route("/page.css", get(|| page("text/css; charset=utf-8", include_str!("browser/page.css"))))
        .route("/page.js", get(|| page("text/javascript; charset=utf-8", include_str!("browser/page.js"))))
        .route("/screen", get(look))
        .with_state(served)
        .layer(from_fn(known_host))
        .layer(from_fn(guarded))
}

async fn page(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

/// A page of another site must not reach us through a name that it points at this machine (DNS rebinding): only
/// numbers and `localhost` are answered.
async fn known_host(request: Request, next: Next) -> Response {
    match request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).map(host_is_known) {
        Some(true) => next.run(request).await,
        _ => (StatusCode::MISDIRECTED_REQUEST, "Open this page by its IP address or as localhost.").into_response(),
    }
}

fn host_is_known(host: &str) -> bool {
    host.parse::<SocketAddr>().is_ok()
        || host.parse::<IpAddr>().is_ok()
        || host == "localhost"
        || host.strip_prefix("localhost:").is_some_and(|port| port.parse::<u16>().is_ok())
}

async fn guarded(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// One more viewer, when its page is ours and there is room.
async fn look(State(served): State<Served>, headers: HeaderMap, upgrade: WebSocketUpgrade) -> Response {
    if !same_origin(&headers) {
        metrics::counter!("lobbyd_browser_refused_total", "reason" => "origin").increment(1);
        return (StatusCode::FORBIDDEN, "The page of another site may not touch this screen.").into_response();
    }
    let Some(seat) = viewer::Seat::take(served.shared, VIEWERS) else {
        metrics::counter!("lobbyd_browser_refused_total", "reason" => "full").increment(1);
        return (StatusCode::SERVICE_UNAVAILABLE, "Too many people are looking. Close a tab.").into_response();
    };
    let upgrade = upgrade.max_message_size(MESSAGE).max_frame_size(MESSAGE);
    upgrade.on_upgrade(move |socket| viewer::watch(socket, seat, served.versions))
}

/// A browser always says which page opens a socket; a program that is no browser says nothing, and no stranger's page
/// stands behind it.
fn same_origin(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap_or(""));
    match (text(header::ORIGIN), text(header::HOST)) {
        (None, _) => true,
        (Some(origin), Some(host)) => origin.strip_prefix("http://") == Some(host),
        (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests;
