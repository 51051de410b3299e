//! `lobbyd board print-test`: one slip with an invented visitor, as the kiosk would print it.

use crate::board::printer::JOB;
use crate::config::board::Board;
use crate::kiosk::{Language, Metrics, samples};
use crate::{daemon, fonts};
use anyhow::{Context, bail};
use embedded_graphics::prelude::Size;
use std::path::Path;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    /// A file of boards/, or a path to one
    #[arg(long)]
    board: String,
    /// Language: zh-Hans, zh-Hant, en, ja, ko, fr or de
    #[arg(long, default_value = "zh-Hans")]
    lang: String,
}

/// The glass that the sample stands on; the slip does not depend on it.
const GLASS: (Size, u32) = (Size::new(800, 480), 133);

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let Some(language) = Language::from_tag(&args.lang) else {
        bail!("there is no language \"{}\"; there are zh-Hans, zh-Hant, en, ja, ko, fr and de", args.lang);
    };
    let board = Board::load(&args.board, Path::new("."))?;
    let printer = board.printer.as_ref().and_then(daemon::printer::of);
    let printer = printer.context("this board has no [printer]: docs/printing.md has an example")?;
    fonts::load()?;
    let (size, dpi) = GLASS;
    let sample = samples::sample("visit.received", language, Metrics::new(size, dpi));
    let slip = sample.and_then(|mut app| app.slip(printer.paper)).context("the sample has no slip")?;
    printer.print(&slip, JOB).context("there is no slip")?;
    println!("a slip of {} by {} dots was sent and cut", slip.width(), slip.height());
    Ok(ExitCode::SUCCESS)
}
