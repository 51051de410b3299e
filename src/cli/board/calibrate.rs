//! `lobbyd board calibrate`: draws five crosses on the board's display, takes the touches as the panel tells them, without the
//! board file's matrix, and prints the matrix that leads them to the crosses. It changes no file, and it needs the display for
//! itself: the service must be stopped.

use super::terminal::Keys;
use crate::board::touch::{self, Refusal, Step, Taps, UNITS, crosses};
use crate::board::turn::Turn;
use crate::board::{Display, Outline, Touch, drm, spi};
use crate::config::board::{Backend, Board};
use crate::fonts;
use crate::health::logs;
use crate::kiosk::{Crosses, Metrics};
use anyhow::{Context, bail};
use embedded_graphics::prelude::Size;
use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// Without a touch for so long it ends: somebody was called away, and the lobby wants its kiosk back.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long the result stays on the glass.
const RESULT: Duration = Duration::from_secs(5);
/// Touches that wait; more than fingers make while a slow panel draws a page.
const QUEUE: usize = 64;

#[derive(clap::Args)]
pub struct Args {
    /// A file of boards/, or a path to one, with the display and the name of the touch panel
    #[arg(long)]
    board: String,
    /// The panel is wired mirrored: accept a matrix that says so
    #[arg(long)]
    mirrored: bool,
}

enum Heard {
    Touch(Touch),
    Stop,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    logs::start(Some(logs::Format::Human));
    fonts::load()?;
    let board = Board::load(&args.board, Path::new("."))?;
    let Some(panel) = &board.touch else {
        bail!("\"{}\" names no touch panel: write a [touch] table; `lobbyd board probe` lists the names", board.name)
    };
    let size = Size::new(board.display.size[0], board.display.size[1]);
    let mut glass = Glass { metrics: Metrics::new(size, board.display.dpi.into()), display: open(&board, size)? };
    let (tell, heard) = sync_channel(QUEUE);
    // Both before the display goes dark for text: from here on every way out puts the terminal back.
    let keys = Keys::listen({
        let tell = tell.clone();
        move || _ = tell.send(Heard::Stop)
    })?;
    listen(&panel.name, tell)?;
    let taps = touched(&mut glass, &heard);
    let fit = taps.map(|taps| taps.map(|taps| taps.fit(size, board.display.dpi, args.mirrored)));
    if let Ok(Some(fit)) = &fit {
        glass.show_result(fit, &heard);
    }
    drop(glass);
    drop(keys);
    match fit? {
        None => bail!("given up: nothing was changed"),
        Some(Err(refusal)) => bail!("no matrix: {refusal}"),
        Some(Ok(fit)) => print(&fit),
    }
    Ok(ExitCode::SUCCESS)
}

fn print(fit: &touch::Fit) {
    println!("# off by at most {:.1} pixels at the corners, {:.1} at the cross that checks", fit.worst, fit.check);
    println!("[touch]\nmatrix = {:?}", fit.matrix);
}

/// The board's display. Once it is dark nobody asks for the picture again: the technician does.
fn open(board: &Board, picture: Size) -> anyhow::Result<Box<dyn Display>> {
    let turn = Turn::from_degrees(board.display.rotate).context("display.rotate is no quarter turn")?;
    Ok(match board.display.backend {
        Backend::Drm => {
            let connector = board.display.connector.clone().context("display.connector is missing")?;
            Box::new(drm::Panel::open(drm::Wanted { connector, turn, picture }, || false)?)
        }
        Backend::Spi => {
            let wiring = board.display.spi.clone().context("display.spi is missing")?;
            Box::new(spi::Panel::open(spi::Wanted { wiring, turn, picture }, || false)?)
        }
        Backend::Browser | Backend::Headless => bail!("\"{}\" has no glass of its own to calibrate", board.name),
    })
}

/// Carries the touches of the panel, in shares of its own range.
fn listen(name: &str, tell: SyncSender<Heard>) -> anyhow::Result<()> {
    let whole = Size::new(UNITS + 1, UNITS + 1);
    let touches =
        touch::Panel { name: name.to_owned(), matrix: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0], picture: whole }.listen()?;
    let carry = move || touches.into_iter().map(Heard::Touch).try_for_each(|touch| tell.send(touch));
    thread::Builder::new().name("touch".into()).spawn(carry).context("the touch thread cannot be started")?;
    Ok(())
}

struct Glass {
    metrics: Metrics,
    display: Box<dyn Display>,
}

impl Glass {
    fn show(&mut self, page: Crosses) -> anyhow::Result<()> {
        let frame = page.draw(self.metrics);
        self.display.present(&frame, &[frame.bounds()], &Outline::default())?;
        if self.display.is_dark() {
            bail!(
                "the display takes no picture. The service holds it: `systemctl stop lobbyd`, and start it again afterwards. \
                 If it is stopped, `lobbyd board probe` says what is connected"
            );
        }
        Ok(())
    }

    fn show_result(&mut self, fit: &Result<touch::Fit, Refusal>, heard: &Receiver<Heard>) {
        let page = match fit {
            Ok(fit) => Crosses::Done { off: fit.worst.max(fit.check).round() as u32 },
            Err(_) => Crosses::Refused,
        };
        if self.show(page).is_ok() {
            // Read it, or touch or press Esc to go on. A timeout is as good.
            let _ = heard.recv_timeout(RESULT);
        }
    }
}

/// The touches of all crosses; `None` when it was given up.
fn touched(glass: &mut Glass, heard: &Receiver<Heard>) -> anyhow::Result<Option<Taps>> {
    let mut taps = Taps::default();
    glass.show(Crosses::Touch { nth: 0, slid: false })?;
    while taps.next() < crosses() {
        let touch = match heard.recv_timeout(PATIENCE) {
            Ok(Heard::Touch(touch)) => touch,
            Ok(Heard::Stop) => return Ok(None),
            Err(RecvTimeoutError::Timeout) => bail!("no touch for {} s: nothing was changed", PATIENCE.as_secs()),
            Err(RecvTimeoutError::Disconnected) => bail!("the touch panel is not heard any more"),
        };
        let slid = match taps.touch(touch) {
            Step::Waiting => continue,
            Step::Taken => false,
            Step::Slid => true,
        };
        if taps.next() < crosses() {
            glass.show(Crosses::Touch { nth: taps.next(), slid })?;
        }
    }
    Ok(Some(taps))
}
