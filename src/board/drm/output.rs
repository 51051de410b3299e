//! One lit connector: its mode, two buffers in the card's memory, and page flips. Pictures are copied from the shadow buffer
//! into the buffer that is not shown; the other one stays on the glass until the next vertical blank.

use super::Wanted;
use crate::board::Frame;
use crate::board::stale::Stale;
use crate::board::turn::Rows;
use drm::Device as _;
use drm::buffer::{Buffer as _, DrmFourcc};
use drm::control::dumbbuffer::DumbBuffer;
use drm::control::{Device as _, Event, Mode, ModeTypeFlags, PageFlipFlags, connector, crtc, framebuffer};
use embedded_graphics::prelude::Size;
use embedded_graphics::primitives::Rectangle;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::path::PathBuf;
use std::time::Duration;

const CARDS: &str = "/dev/dri";
const BUFFERS: usize = 2;
/// A flip that has not happened by then never will. A panel behind the kernel's SPI driver takes 154 ms for a picture (480×320 at
/// 16 MHz), every other one a sixtieth of a second.
const FLIP: Duration = Duration::from_millis(500);

/// Why a display stays dark.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    #[error("no display is connected to \"{wanted}\"; connected: {found}")]
    NotConnected { wanted: String, found: String },
    #[error("the display has no mode of {width}×{height}; it has {found}")]
    NoMode { width: u32, height: u32, found: String },
    #[error("no part of the card can drive this connector now")]
    NoCrtc,
    #[error("the display did not take the picture within {FLIP:?}")]
    NoFlip,
    #[error("{what}: {error}")]
    Card { what: &'static str, error: io::Error },
}

/// Names the call that failed: EACCES at one is a missing right, at another a card that somebody else holds.
fn at(what: &'static str) -> impl Fn(io::Error) -> OutputError {
    move |error| OutputError::Card { what, error }
}

struct Card(File);

impl AsFd for Card {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl drm::Device for Card {}
impl drm::control::Device for Card {}

struct Sheet {
    buffer: DumbBuffer,
    framebuffer: framebuffer::Handle,
    stale: Stale,
}

pub struct Output {
    card: Card,
    path: PathBuf,
    connector: connector::Handle,
    crtc: crtc::Handle,
    mode: Mode,
    sheets: Vec<Sheet>,
    /// Which sheet is drawn on next.
    next: usize,
    lit: bool,
    /// A flip was asked for and has not been told of.
    flipping: bool,
    wanted: Wanted,
}

impl Output {
    /// Finds the card and prepares it. The mode is set with the first picture, so that nobody sees an empty one.
    pub fn light(wanted: &Wanted) -> Result<Self, OutputError> {
        let (path, card, connector) = find(&wanted.connector)?;
        let size = wanted.turn.panel(wanted.picture);
        let mode = mode(&connector, size)?;
        let crtc = crtc_for(&card, &connector)?;
        let mut output = Output {
            card,
            path,
            connector: connector.handle(),
            crtc,
            mode,
            sheets: Vec::new(),
            next: 0,
            lit: false,
            flipping: false,
            wanted: wanted.clone(),
        };
        for _ in 0..BUFFERS {
            let sheet = output.sheet(size)?;
            output.sheets.push(sheet);
        }
        Ok(output)
    }

    pub fn card(&self) -> String {
        self.path.display().to_string()
    }

    fn sheet(&self, size: Size) -> Result<Sheet, OutputError> {
        let size_of = (size.width, size.height);
        let buffer = self.card.create_dumb_buffer(size_of, DrmFourcc::Xrgb8888, 32).map_err(at("making a buffer"))?;
        match self.card.add_framebuffer(&buffer, 24, 32) {
            Ok(framebuffer) => Ok(Sheet { buffer, framebuffer, stale: Stale::all(self.wanted.picture) }),
            Err(error) => {
                drop(self.card.destroy_dumb_buffer(buffer));
                Err(at("naming a buffer")(error))
            }
        }
    }

    /// Puts the picture on the glass: at the next vertical blank, without waiting for it.
    pub fn show(&mut self, frame: &Frame, damage: &[Rectangle]) -> Result<(), OutputError> {
        self.sheets.iter_mut().for_each(|sheet| sheet.stale.add(damage));
        self.flipped()?;
        let pitch = self.sheets[self.next].buffer.pitch() as usize;
        let parts = self.sheets[self.next].stale.take();
        {
            // Mapped for each picture: only the pages under the damage are touched.
            let mut map =
                self.card.map_dumb_buffer(&mut self.sheets[self.next].buffer).map_err(at("mapping a buffer"))?;
            let mut rows = Rows { bytes: &mut map, pitch };
            parts.iter().for_each(|part| self.wanted.turn.copy(frame, part, &mut rows));
        }
        let framebuffer = self.sheets[self.next].framebuffer;
        if self.lit {
            self.card.page_flip(self.crtc, framebuffer, PageFlipFlags::EVENT, None).map_err(at("showing a picture"))?;
            self.flipping = true;
        } else {
            self.card
                .set_crtc(self.crtc, Some(framebuffer), (0, 0), &[self.connector], Some(self.mode))
                .map_err(at("setting the mode"))?;
            self.lit = true;
        }
        self.next = (self.next + 1) % self.sheets.len();
        Ok(())
    }

    /// Waits for the flip that was asked for last: until then its predecessor is on the glass and must not be drawn on.
    fn flipped(&mut self) -> Result<(), OutputError> {
        while self.flipping {
            if !readable(&self.card.0, FLIP).map_err(at("waiting for the display"))? {
                return Err(OutputError::NoFlip);
            }
            let mut events = self.card.receive_events().map_err(at("hearing the display"))?;
            if events.any(|event| matches!(event, Event::PageFlip(_))) {
                self.flipping = false;
            }
        }
        Ok(())
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        // The card gives everything back when it is closed; this is for one that is lit again at once. Errors mean that it has
        // gone, and then there is nothing to give back.
        for sheet in self.sheets.drain(..) {
            drop(self.card.destroy_framebuffer(sheet.framebuffer));
            drop(self.card.destroy_dumb_buffer(sheet.buffer));
        }
        drop(self.card.release_master_lock());
    }
}

/// Whether a file has something to read within `time`.
fn readable(file: &File, time: Duration) -> io::Result<bool> {
    let mut wait = libc::pollfd { fd: file.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: one entry, which lives as long as the call.
    match unsafe { libc::poll(&mut wait, 1, time.as_millis() as libc::c_int) } {
        -1 => Err(io::Error::last_os_error()),
        ready => Ok(ready > 0),
    }
}

/// The cards of this machine, one open at a time: who opens a card first may draw on it, and a second file of the same card
/// may not.
fn cards() -> impl Iterator<Item = (PathBuf, Card)> {
    let folder = std::fs::read_dir(CARDS).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = folder.map(|entry| entry.path()).collect();
    paths.retain(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("card")));
    paths.sort();
    // One that cannot be opened is not ours; one that only renders has no connector.
    paths.into_iter().filter_map(|path| {
        let file = OpenOptions::new().read(true).write(true).open(&path).ok()?;
        Some((path, Card(file)))
    })
}

/// A card's connectors with something plugged in.
fn connected(card: &Card) -> Vec<connector::Info> {
    let Ok(handles) = card.resource_handles() else { return Vec::new() };
    let infos = handles.connectors().iter().filter_map(|handle| card.get_connector(*handle, true).ok());
    infos.filter(|info| info.state() == connector::State::Connected).collect()
}

fn find(wanted: &str) -> Result<(PathBuf, Card, connector::Info), OutputError> {
    let mut others = Vec::new();
    for (path, card) in cards() {
        for info in connected(&card) {
            match info.to_string() {
                name if name == wanted => return Ok((path, card, info)),
                name => others.push(name),
            }
        }
    }
    let found = if others.is_empty() { "none".to_owned() } else { others.join(", ") };
    Err(OutputError::NotConnected { wanted: wanted.to_owned(), found })
}

/// What is plugged in, by name, and the sizes of the pictures that it takes.
pub fn probe() -> Vec<(String, Vec<(u32, u32)>)> {
    let sizes = |info: &connector::Info| info.modes().iter().map(size_of).collect();
    cards().flat_map(|(_, card)| connected(&card)).map(|info| (info.to_string(), sizes(&info))).collect()
}

/// As sysfs has it; an unknown connector counts as plugged in, so that nothing is lit again for nothing.
pub fn is_plugged(connector: &str) -> bool {
    let Ok(folder) = std::fs::read_dir("/sys/class/drm") else { return true };
    let suffix = format!("-{connector}");
    let entry = folder.flatten().find(|entry| {
        entry.file_name().to_string_lossy().strip_suffix(&suffix).is_some_and(|card| card.starts_with("card"))
    });
    let status = entry.and_then(|entry| std::fs::read_to_string(entry.path().join("status")).ok());
    status.is_none_or(|status| status.trim() == "connected")
}

fn size_of(mode: &Mode) -> (u32, u32) {
    let (width, height) = mode.size();
    (width.into(), height.into())
}

/// The panel's own mode of that size, else any of it.
fn mode(connector: &connector::Info, size: Size) -> Result<Mode, OutputError> {
    let fits = |mode: &&Mode| size_of(mode) == (size.width, size.height);
    let preferred = |mode: &&Mode| mode.mode_type().contains(ModeTypeFlags::PREFERRED);
    let modes = || connector.modes().iter().filter(fits);
    modes().find(preferred).or_else(|| modes().next()).copied().ok_or_else(|| {
        let mut found: Vec<String> =
            connector.modes().iter().map(size_of).map(|(width, height)| format!("{width}×{height}")).collect();
        found.dedup();
        OutputError::NoMode { width: size.width, height: size.height, found: found.join(", ") }
    })
}

/// The part of the card that drives the connector already, else one that can.
fn crtc_for(card: &Card, connector: &connector::Info) -> Result<crtc::Handle, OutputError> {
    let current = connector.current_encoder().and_then(|encoder| card.get_encoder(encoder).ok()?.crtc());
    if let Some(crtc) = current {
        return Ok(crtc);
    }
    let handles = card.resource_handles().map_err(at("asking the card"))?;
    let encoders = connector.encoders().iter().filter_map(|encoder| card.get_encoder(*encoder).ok());
    encoders.flat_map(|encoder| handles.filter_crtcs(encoder.possible_crtcs())).next().ok_or(OutputError::NoCrtc)
}
