//! `lobbyd run`: the daemon.

use crate::config::Config;
use crate::config::board::Board;
use crate::daemon::{self, End};
use crate::fonts;
use crate::health::logs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

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
    let (config, board) = load(&args.config)?;
    let rehearse = move || load(&args.config).map(drop);
    match daemon::run(config, board, Arc::new(rehearse))? {
        End::Stopped => Ok(ExitCode::SUCCESS),
        End::Renewed => Err(begin_anew()),
    }
}

fn load(file: &Path) -> anyhow::Result<(Config, Board)> {
    let config = Config::load_with_files(file)?;
    let board = Board::load(&config.board, file.parent().unwrap_or(Path::new("")))?;
    Ok((config, board))
}

/// The same program with the same words in place of this one, under the same process id: whoever watches it sees no end. What is
/// installed now is what runs then. Returns only when it cannot be started; then systemd does it.
fn begin_anew() -> anyhow::Error {
    let mut words = std::env::args_os();
    let program = words.next().unwrap_or_else(|| "lobbyd".into());
    let error = std::process::Command::new(program).args(words).exec();
    anyhow::Error::new(error).context("the daemon cannot begin anew by itself")
}
