//! `lobbyd screenshot`: one screen as a PNG file, in a sample state with invented data.

use crate::config::board::Board;
use crate::fonts;
use crate::kiosk::{Language, Metrics, samples, to_png};
use anyhow::{Context, bail};
use embedded_graphics::prelude::Size;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    /// Print the names of the screens, one a line
    #[arg(long, conflicts_with_all = ["screen", "output"])]
    list: bool,
    /// The screen's name, as --list prints it
    #[arg(long, required_unless_present = "list")]
    screen: Option<String>,
    /// Language: zh-Hans, zh-Hant, en, ja, ko, fr or de
    #[arg(long, default_value = "zh-Hans")]
    lang: String,
    /// A file of boards/, a path to one, or a size such as 800x480@133 (dpi)
    #[arg(long, default_value = "browser")]
    board: String,
    /// The PNG file to write
    #[arg(short, long, required_unless_present = "list")]
    output: Option<PathBuf>,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let (Some(screen), Some(output)) = (args.screen, args.output) else {
        samples::names().for_each(|name| println!("{name}"));
        return Ok(ExitCode::SUCCESS);
    };
    let Some(language) = Language::from_tag(&args.lang) else {
        bail!("there is no language \"{}\"; there are zh-Hans, zh-Hant, en, ja, ko, fr and de", args.lang);
    };
    fonts::load()?;
    let metrics = metrics(&args.board)?;
    let Some(app) = samples::sample(&screen, language, metrics) else {
        bail!("there is no screen \"{screen}\"; --list prints the names");
    };
    let picture = to_png(app.frame()).context("the picture cannot be packed")?;
    std::fs::write(&output, picture).with_context(|| format!("{} cannot be written", output.display()))?;
    Ok(ExitCode::SUCCESS)
}

fn metrics(board: &str) -> anyhow::Result<Metrics> {
    if let Some(metrics) = size(board) {
        return Ok(metrics);
    }
    let board = Board::load(board, Path::new("."))?;
    let [width, height] = board.display.size;
    Ok(Metrics::new(Size::new(width, height), u32::from(board.display.dpi)))
}

/// `WIDTHxHEIGHT@DPI`
fn size(text: &str) -> Option<Metrics> {
    let (size, dpi) = text.split_once('@')?;
    let (width, height) = size.split_once('x')?;
    Some(Metrics::new(Size::new(width.parse().ok()?, height.parse().ok()?), dpi.parse().ok()?))
}
