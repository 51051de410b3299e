//! The live page: server-sent events. First a board, or what a page that was away has missed; then each change. A page
//! that does not read is never waited for and never buffered beyond a few events: it gets a new board when it reads again.

use super::answer::Refused;
use super::board::{self, Snapshot};
use super::hub::{Change, News};
use super::room::Shared;
use super::session::{End, Guard};
use crate::service::card::Viewer;
use crate::service::number::local_day;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::{Extension, response};
use futures_core::Stream;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{broadcast, mpsc, watch};

/// A sign of life: a page that hears nothing for twice as long says that the connection is lost.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Events on the way to one page.
const QUEUE: usize = 4;
/// A page that was away for more changes than this gets a board: it would not be longer.
const RESUME: usize = 200;

/// `GET /api/live`.
pub async fn live(
    State(room): State<Shared>,
    Extension(guard): Extension<Guard>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let Some(news) = room.sessions().stream(&guard.session) else {
        return Refused::new(StatusCode::TOO_MANY_REQUESTS, "streams").into_response();
    };
    let seat = Seat { room: room.clone(), session: guard.session.clone() };
    let (send, queue) = mpsc::channel(QUEUE);
    let after = last_seen(&headers, &uri);
    let page = Page { room, seat, viewer: guard.viewer(), send, seq: 0, day: 0 };
    tokio::spawn(page.serve(after, news));
    let headers = [("cache-control", "no-store"), ("x-accel-buffering", "no")];
    (response::AppendHeaders(headers), Sse::new(Queue(queue))).into_response()
}

/// The id of the last event that this page has taken.
fn last_seen(headers: &HeaderMap, uri: &Uri) -> Option<String> {
    let header = headers.get("last-event-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let query = uri.query().unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("after="));
    header.or_else(|| query.map(str::to_owned)).filter(|id| !id.is_empty())
}

/// A live stream of a session; given back when dropped.
struct Seat {
    room: Shared,
    session: String,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.room.sessions().stream_ended(&self.session);
    }
}

/// One page that listens.
struct Page {
    room: Shared,
    seat: Seat,
    viewer: Viewer,
    send: mpsc::Sender<Event>,
    /// Everything up to this number is on the page.
    seq: u64,
    /// The local day whose lists are on the page.
    day: u32,
}

/// The page is gone, or the journal cannot be read: the stream ends, and the page connects again.
struct Gone;

impl Page {
    async fn serve(mut self, after: Option<String>, mut news: watch::Receiver<Option<End>>) {
        let why = self.follow(after.as_deref(), &mut news).await;
        if let Ok(why) = why {
            let bye = Event::default().event("bye").data(json!({ "reason": why }).to_string());
            // The page may be gone already, or not reading: it learns the reason from the next request then.
            let _ = self.send.try_send(bye);
        }
    }

    /// Follows until there is a reason to say goodbye.
    async fn follow(
        &mut self,
        after: Option<&str>,
        news: &mut watch::Receiver<Option<End>>,
    ) -> Result<&'static str, Gone> {
        // Listening begins before reading: what is stored in between comes twice rather than never.
        let mut coming = self.room.hub.subscribe();
        match after.and_then(|id| self.resumes(id)) {
            Some(seq) => self.resume(seq).await?,
            None => self.board().await?,
        }
        let mut beat = tokio::time::interval(HEARTBEAT);
        loop {
            tokio::select! {
                change = next(&mut coming) => match change {
                    Some(change) => self.change(&change).await?,
                    None => self.board().await?,
                },
                changed = news.changed() => {
                    let told = changed.map(|()| *news.borrow_and_update());
                    match told {
                        Ok(None) => self.moved().await?,
                        Ok(Some(end)) => return Ok(end.name()),
                        Err(_) => return Ok(End::SignedOut.name()),
                    }
                }
                _ = beat.tick() => self.beat().await?,
                () = self.send.closed() => return Err(Gone),
                () = self.room.stopped() => return Ok("restart"),
            }
        }
    }

    /// Where an id of this run and this view goes on. Another run, post or role: the page needs a board.
    fn resumes(&self, id: &str) -> Option<u64> {
        let (view, seq) = id.rsplit_once('.')?;
        seq.parse().ok().filter(|_| view == self.view())
    }

    fn view(&self) -> String {
        let post = self.viewer.post.as_ref().map_or("-", |post| post.as_str());
        let day = local_day(self.room.now().utc, self.room.house.zone);
        format!("{}.{}.{post}.{day}", self.room.run, self.viewer.role.name())
    }

    async fn board(&mut self) -> Result<(), Gone> {
        self.day = local_day(self.room.now().utc, self.room.house.zone);
        let day = self.day;
        let snapshot = self.room.readers.read(move |reader| Snapshot::read(reader, day)).await.map_err(|_| Gone)?;
        self.seq = snapshot.seq;
        let board = board::board(&self.room, &snapshot, &self.viewer);
        self.tell("board", &board).await
    }

    async fn resume(&mut self, after: u64) -> Result<(), Gone> {
        self.day = local_day(self.room.now().utc, self.room.house.zone);
        let look = move |reader: &crate::journal::Reader| {
            let newest = reader.span()?.map_or(0, |(_, newest)| newest);
            Ok((newest, reader.cases_changed_after(after, RESUME + 1)?, reader.states()?))
        };
        let (newest, rows, doors) = self.room.readers.read(look).await.map_err(|_| Gone)?;
        if after > newest || rows.len() > RESUME {
            return self.board().await;
        }
        self.seq = newest;
        let rows: Vec<_> = rows.iter().collect();
        let change = board::change(&self.room, newest, &rows, Some(&doors), &self.viewer);
        self.tell("change", &change).await
    }

    async fn change(&mut self, change: &Change) -> Result<(), Gone> {
        let rows: Vec<_> = change.rows.iter().filter(|row| row.changed > self.seq).collect();
        self.seq = self.seq.max(change.seq);
        if rows.is_empty() && change.doors.is_none() && !change.links {
            // Nothing of it is on a page; the next change carries the number on.
            return Ok(());
        }
        let change = board::change(&self.room, self.seq, &rows, change.doors.as_deref(), &self.viewer);
        self.tell("change", &change).await
    }

    /// The person stands somewhere else: other tasks are his.
    async fn moved(&mut self) -> Result<(), Gone> {
        let post = self.room.sessions().post(&self.seat.session).ok_or(Gone)?;
        self.viewer.post = post;
        self.board().await
    }

    async fn beat(&mut self) -> Result<(), Gone> {
        self.room.heard(&self.seat.session, &self.viewer);
        if local_day(self.room.now().utc, self.room.house.zone) != self.day {
            self.board().await?;
        }
        self.send.send(Event::default().comment("")).await.map_err(|_| Gone)
    }

    async fn tell(&mut self, name: &str, what: &Value) -> Result<(), Gone> {
        let id = format!("{}.{}", self.view(), self.seq);
        let event = Event::default().event(name).id(id).data(what.to_string());
        self.send.send(event).await.map_err(|_| Gone)
    }
}

/// The next change; `None` where the page is too far behind.
async fn next(news: &mut News) -> Option<Arc<Change>> {
    match news.recv().await {
        Ok(change) => Some(change),
        Err(broadcast::error::RecvError::Lagged(_)) => None,
        // The console is going down; `stopped` says so.
        Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
    }
}

/// The queue as the stream that axum asks for.
struct Queue(mpsc::Receiver<Event>);

impl Stream for Queue {
    type Item = Result<Event, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|event| event.map(Ok))
    }
}
