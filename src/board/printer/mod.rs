//! A printer of slips: a picture of black dots goes in, paper comes out, or a plain word why not. It knows no flow, never draws,
//! and never waits longer than it is told to: whoever prints does so beside the glass, never before it.

pub mod brother;
pub mod escpos;
mod line;
mod raster;
mod spool;

pub use raster::Raster;
pub use spool::{Patience, QUEUE, Spool, Told};

use line::Line;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// For one slip, from the first byte to the cut. A slow thermal printer needs 3 s for 15 cm, one that wakes up 10 s.
pub const JOB: Duration = Duration::from_secs(20);

/// For asking a printer how it is, with the way to it.
pub const LOOK: Duration = Duration::from_secs(4);

/// Why there is no slip.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    #[error("it is not there: {0}")]
    Absent(String),
    #[error("it has gone in the middle of a slip: {0}")]
    Gone(String),
    #[error("out of paper")]
    OutOfPaper,
    #[error("its cover is open")]
    CoverOpen,
    #[error("the paper in it is {found} mm wide, and the board file says {wanted} mm")]
    WrongPaper { found: u8, wanted: u8 },
    #[error("it reports a fault: look at its lamps")]
    Fault,
    #[error("it takes too long")]
    Slow,
    #[error("it does not speak {0}: look at `language` in the board file")]
    Foreign(&'static str),
}

impl Trouble {
    /// For metrics and events: a closed list.
    pub const fn name(&self) -> &'static str {
        match self {
            Trouble::Absent(_) => "absent",
            Trouble::Gone(_) => "gone",
            Trouble::OutOfPaper => "out-of-paper",
            Trouble::CoverOpen => "cover-open",
            Trouble::WrongPaper { .. } => "wrong-paper",
            Trouble::Fault => "fault",
            Trouble::Slow => "slow",
            Trouble::Foreign(_) => "foreign",
        }
    }
}

/// How dots are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Receipt printers.
    EscPos,
    /// Label printers of the series QL-7xx and QL-8xx.
    BrotherQl,
}

impl Language {
    /// The rolls that there are: millimetres, and dots across.
    pub const fn papers(self) -> &'static [(u8, u32)] {
        match self {
            Language::EscPos => escpos::PAPERS,
            Language::BrotherQl => brother::PAPERS,
        }
    }
}

/// Where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A raw port, such as 9100. No name: looking one up knows no time limit.
    Net(SocketAddr),
    /// `/dev/usb/lp0`
    File(PathBuf),
}

/// The printer of the board file.
#[derive(Debug, Clone)]
pub struct Printer {
    pub place: Place,
    pub paper: Paper,
}

/// What dots fit on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paper {
    pub language: Language,
    /// Width of the roll in millimetres.
    pub mm: u8,
    /// Dots that can be printed across.
    pub dots: u32,
    /// Dots an inch, both ways.
    pub dpi: u32,
}

impl Paper {
    /// `None` for a width that no printer of this language takes.
    pub fn of(language: Language, mm: u8) -> Option<Self> {
        let dpi = match language {
            Language::EscPos => escpos::DPI,
            Language::BrotherQl => brother::DPI,
        };
        let (mm, dots) = language.papers().iter().copied().find(|(has, _)| *has == mm)?;
        Some(Paper { language, mm, dots, dpi })
    }
}

impl Printer {
    /// Prints and cuts. Where the printer answers, `Ok` means that the slip is out.
    ///
    /// # Errors
    /// Why there is no slip, or half of one. After `limit` it is [`Trouble::Slow`].
    pub fn print(&self, picture: &Raster, limit: Duration) -> Result<(), Trouble> {
        let mut line = Line::open(&self.place, Instant::now() + limit)?;
        match self.paper.language {
            Language::EscPos => escpos::print(&mut line, picture),
            Language::BrotherQl => brother::print(&mut line, picture, self.paper),
        }
    }

    /// How it is, as far as it tells.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn look(&self, limit: Duration) -> Result<(), Trouble> {
        let mut line = Line::open(&self.place, Instant::now() + limit)?;
        match self.paper.language {
            Language::EscPos => escpos::look(&mut line).map(drop),
            Language::BrotherQl => brother::look(&mut line, self.paper).map(drop),
        }
    }
}
