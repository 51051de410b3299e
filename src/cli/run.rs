//! `lobbyd run`: the daemon.

use crate::config::Config;
use crate::config::board::Board;
use crate::daemon;
use crate::fonts;
use crate::health::logs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    /// The configuration file.
    #[arg(long)]
    config: PathBuf,
    /// How logs look; without it journald where systemd runs the daemon, words on a terminal.
    #[arg(long)]
    log: Option<logs::Format>,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    logs::start(args.log);
    fonts::load()?;
    let config = Config::load(&args.config)?;
    let board = Board::load(&config.board, args.config.parent().unwrap_or(Path::new("")))?;
    daemon::run(config, board)?;
    Ok(ExitCode::SUCCESS)
}
