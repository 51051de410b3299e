//! `lobbyd board`: what is connected to this machine, a board file for it, and the matrix of its touch panel.

mod calibrate;
mod probe;
mod terminal;

use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// List what is connected, and propose a board file
    Probe,
    /// Find the matrix of a touch panel: five crosses to touch
    Calibrate(calibrate::Args),
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    match args.command {
        Command::Probe => {
            probe::run();
            Ok(ExitCode::SUCCESS)
        }
        Command::Calibrate(args) => calibrate::run(args),
    }
}
