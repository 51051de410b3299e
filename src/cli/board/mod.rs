//! `lobbyd board`: what is connected to this machine, a board file for it, the matrix of its touch panel, a slip on its printer.

mod calibrate;
mod probe;
mod terminal;

use super::print_test;
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
    /// Print a slip of an invented visitor on the board's printer
    PrintTest(print_test::Args),
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    match args.command {
        Command::Probe => {
            probe::run();
            Ok(ExitCode::SUCCESS)
        }
        Command::Calibrate(args) => calibrate::run(args),
        Command::PrintTest(args) => print_test::run(&args),
    }
}
