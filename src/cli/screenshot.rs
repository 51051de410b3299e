//! `lobbyd screenshot`: one screen as a PNG file, in a sample state with invented data.

use crate::board::Frame;
use crate::config::board::Board;
use crate::kiosk::{Language, Metrics, samples};
use anyhow::{Context, bail};
use embedded_graphics::prelude::Size;
use std::fs::File;
use std::io::BufWriter;
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
    /// Language: zh-Hans or en
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
        bail!("there is no language \"{}\"; there are zh-Hans and en", args.lang);
    };
    let metrics = metrics(&args.board)?;
    let Some(app) = samples::sample(&screen, language, metrics) else {
        bail!("there is no screen \"{screen}\"; --list prints the names");
    };
    save(app.frame(), &output).with_context(|| format!("{} cannot be written", output.display()))?;
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

fn save(frame: &Frame, path: &Path) -> anyhow::Result<()> {
    let size = frame.bounds().size;
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(path)?), size.width, size.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    let bytes: Vec<u8> = frame.pixels().iter().flat_map(|pixel| pixel.to_be_bytes().into_iter().skip(1)).collect();
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&bytes)?;
    writer.finish()?;
    Ok(())
}
