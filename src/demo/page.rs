//! The demo's page: the touchscreen and the guards' page in frames, and what arrives at the office as server-sent events. Reads
//! nothing but [`Arrivals`], takes no input but a press of the bell, and serves this machine only.

use super::arrivals::{Arrivals, News};
use super::building::Bell;
use anyhow::Context as _;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use futures_core::Stream;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

/// News on the way to one page. It reads them as fast as it can draw; one that does not begins again.
const QUEUE: usize = 64;

/// Takes the page's port.
///
/// # Errors
/// Another program has it: the message says what to do.
pub async fn listen(port: u16) -> anyhow::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.with_context(|| {
        format!("the page cannot be served on 127.0.0.1:{port}; choose another port with --port, or any free one with --port 0")
    })
}

/// Serves the page for as long as the demo runs. `screen` and `guards` are where the daemon serves the touchscreen and the
/// guards' page.
pub fn serve(listener: TcpListener, screen: SocketAddr, guards: SocketAddr, arrivals: Arc<Arrivals>, bell: Bell) {
    let html = include_str!("page/page.html")
        .replace("{screen}", &format!("http://{screen}/"))
        .replace("{guards}", &format!("http://{guards}/"));
    // The page may show the touchscreen and the guards' page in frames, and load nothing from anywhere else.
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; font-src 'self'; \
         frame-src http://{screen} http://{guards}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let policy = HeaderValue::try_from(policy).expect("an address is plain ASCII");
    let app = Router::new()
        .route("/", get(|| text("text/html; charset=utf-8", html)))
        .route("/page.css", get(|| text("text/css; charset=utf-8", include_str!("page/page.css"))))
        .route("/page.js", get(|| text("text/javascript; charset=utf-8", include_str!("page/page.js"))))
        // Chinese text looks the same on a machine without a Chinese font.
        .route("/font.ttf", get(|| text("font/ttf", crate::fonts::REGULAR.bytes())))
        .route("/events", get(events))
        .route("/ring", post(move || ring(bell.clone())))
        .with_state(arrivals)
        .layer(from_fn_with_state(policy, guarded))
        .layer(from_fn(local_name));
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, app).await {
            tracing::error!(%error, "the demo's page is no longer served");
        }
    });
}

async fn ring(bell: Bell) -> StatusCode {
    if bell.press() { StatusCode::NO_CONTENT } else { StatusCode::TOO_MANY_REQUESTS }
}

async fn text(kind: &'static str, text: impl IntoResponse) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind)], text)
}

async fn guarded(State(policy): State<HeaderValue>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Visitors' names pass here: a page of another site must not read them through a name that it points at this machine
/// (DNS rebinding).
async fn local_name(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if matches!(name, "127.0.0.1" | "localhost") {
        return next.run(request).await;
    }
    (StatusCode::MISDIRECTED_REQUEST, "Open this page as 127.0.0.1 or localhost.").into_response()
}

/// First what has been, then what comes. A page that lags too far is cut off; it connects again and begins anew.
async fn events(State(arrivals): State<Arc<Arrivals>>) -> impl IntoResponse {
    let (past, mut coming) = arrivals.watch();
    let (send, queue) = mpsc::channel(QUEUE);
    tokio::spawn(async move {
        for news in past {
            if send.send(news).await.is_err() {
                return;
            }
        }
        loop {
            let news = tokio::select! {
                news = coming.recv() => news,
                () = send.closed() => return,
            };
            let Ok(news) = news else { return };
            if send.send(news).await.is_err() {
                return;
            }
        }
    });
    Sse::new(Queue(queue)).keep_alive(KeepAlive::default())
}

/// The queue as the stream that axum asks for.
struct Queue(mpsc::Receiver<News>);

impl Stream for Queue {
    type Item = Result<Event, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|news| news.map(|news| Ok(Event::default().event(news.name).data(news.data))))
    }
}
