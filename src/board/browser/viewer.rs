//! One viewer: a WebSocket on which pieces of the picture and the outline go out, touches and readings come in. Its own task;
//! whatever happens to it, the screen and the others go on.

use super::screen::Piece;
use super::{Shared, finger, scanner};
use axum::extract::ws::{Message, WebSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// A page that takes no byte for so long is gone, whatever TCP thinks.
const SEND: Duration = Duration::from_secs(5);

/// How often a silent page is asked whether it is there, and how long it may stay silent. A sleeping laptop answers
/// again when it wakes, by connecting anew.
const ASK: Duration = Duration::from_secs(15);
const SILENCE: Duration = Duration::from_secs(45);

/// A place before the screen; given back when dropped, with the finger lifted.
pub struct Seat {
    shared: Arc<Shared>,
    viewer: u64,
}

impl Seat {
    /// `None` when `limit` people look already.
    pub fn take(shared: Arc<Shared>, limit: usize) -> Option<Seat> {
        let viewer = {
            let mut screen = shared.screen();
            if screen.viewers() >= limit {
                return None;
            }
            screen.enter()
        };
        Some(Seat { shared, viewer })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.shared.finger().leave(self.viewer);
        self.shared.screen().leave(self.viewer);
    }
}

/// Shows the screen until the page leaves, hangs, or the screen ends.
pub async fn watch(mut socket: WebSocket, seat: Seat, mut versions: watch::Receiver<u64>) {
    let mut heard = Instant::now();
    let mut ask = tokio::time::interval(ASK);
    if show(&mut socket, &seat).await.is_err() {
        return;
    }
    loop {
        let sent = tokio::select! {
            changed = versions.changed() => match changed {
                Ok(()) => show(&mut socket, &seat).await,
                Err(_) => break,
            },
            received = socket.recv() => match received {
                Some(Ok(message)) => {
                    heard = Instant::now();
                    take(&message, &seat);
                    Ok(())
                }
                // Closed, broken, or a message beyond the limit.
                _ => break,
            },
            _ = ask.tick() => match heard.elapsed() > SILENCE {
                true => break,
                false => send(&mut socket, Message::Ping(Vec::new())).await,
            },
        };
        if sent.is_err() {
            break;
        }
    }
}

struct Gone;

async fn show(socket: &mut WebSocket, seat: &Seat) -> Result<(), Gone> {
    let news = seat.shared.screen().news(seat.viewer);
    // Encoding a full picture takes milliseconds: not on a thread that serves the network.
    let pieces = tokio::task::spawn_blocking(move || news.pieces.iter().map(encode).collect::<Vec<_>>());
    for piece in pieces.await.map_err(|_| Gone)? {
        send(socket, Message::Binary(piece)).await?;
    }
    // The words come after the picture: who reads them may touch what they name.
    match news.outline {
        Some(outline) => send(socket, Message::Text(outline)).await,
        None => Ok(()),
    }
}

async fn send(socket: &mut WebSocket, message: Message) -> Result<(), Gone> {
    match tokio::time::timeout(SEND, socket.send(message)).await {
        Ok(Ok(())) => Ok(()),
        _ => Err(Gone),
    }
}

fn take(message: &Message, seat: &Seat) {
    let size = seat.shared.screen().size();
    match message {
        Message::Text(text) => match (finger::read(text, size), scanner::read(text)) {
            (Some(touch), _) => seat.shared.finger().feel(seat.viewer, touch),
            (None, Some(reading)) => seat.shared.scanner.tell(reading),
            (None, None) => ignore(),
        },
        Message::Binary(_) => ignore(),
        Message::Ping(_) | Message::Pong(_) | Message::Close(_) => {}
    }
}

fn ignore() {
    metrics::counter!("lobbyd_browser_ignored_total").increment(1);
}

/// Left, top, width and height as 16-bit numbers, big end first, and then a PNG.
fn encode(piece: &Piece) -> Vec<u8> {
    let (at, size) = (piece.area.top_left, piece.area.size);
    let place = [at.x as u16, at.y as u16, size.width as u16, size.height as u16];
    let mut bytes: Vec<u8> = place.iter().flat_map(|number| number.to_be_bytes()).collect();
    let mut encoder = png::Encoder::new(&mut bytes, size.width, size.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Fast);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&piece.rgb));
    written.expect("a rectangle with its own pixels can be written to memory");
    bytes
}
