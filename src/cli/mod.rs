//! The command line: one file a subcommand. Exit code 0 is success, 1 a fault that the message explains, 2 a wrong call.

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "lobbyd", version, about = "Lobby kiosk and door gateway")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {}

/// Parses the command line and runs the subcommand.
pub fn main() -> ExitCode {
    match Cli::parse().command {}
}
