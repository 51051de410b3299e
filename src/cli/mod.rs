//! The command line: one file a subcommand. Exit code 0 is success, 1 a fault that the message explains, 2 a wrong call.

mod asked;
mod backup;
mod board;
mod check;
#[cfg(feature = "demo")]
mod demo;
mod directory;
mod invite;
mod journal;
mod journal_status;
mod office;
mod person;
mod print_test;
mod profile;
mod restore;
mod run;
mod screenshot;
mod staff;
mod taken;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "lobbyd", version, about = "Lobby kiosk and door gateway")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the kiosk and the gateway
    Run(run::Args),
    /// Show the whole product on this machine: brokers, building, daemon and a page in the browser
    #[cfg(feature = "demo")]
    Demo(demo::Args),
    /// Say what is wrong with a configuration and its surroundings, and how to mend it
    Check(check::Args),
    /// See what is connected, propose a board file, calibrate a touch panel
    Board(board::Args),
    /// Work with device profiles
    Profile(profile::Args),
    /// Draw one screen to a PNG file
    Screenshot(screenshot::Args),
    /// Look into the journal
    Journal(journal::Args),
    /// Tools for the central office: see whether every event has arrived
    Office(office::Args),
    /// Copy journal, keys and lists into a folder, while the daemon runs
    Backup(backup::Args),
    /// Put such a backup into the data folder of a stopped daemon
    Restore(restore::Args),
    /// Bring the list of units up to date
    Directory(directory::Args),
    /// Invite a guest: a token for his telephone and six digits for the kiosk
    Invite(invite::Args),
    /// Copy, erase or hold one person's data
    Person(person::Args),
    /// Say who may sign in on the guards' page
    Staff(staff::Args),
}

/// Parses the command line and runs the subcommand.
pub fn main() -> ExitCode {
    let command = Cli::parse().command;
    if matches!(command, Command::Profile(_) | Command::Directory(_) | Command::Invite(_) | Command::Staff(_)) {
        ends_with_its_reader();
    }
    let done = match command {
        Command::Run(args) => run::run(args),
        #[cfg(feature = "demo")]
        Command::Demo(args) => demo::run(args),
        Command::Check(args) => check::run(args),
        Command::Board(args) => board::run(args),
        Command::Profile(args) => profile::run(args),
        Command::Screenshot(args) => screenshot::run(args),
        Command::Journal(args) => journal::run(args),
        Command::Office(args) => office::run(args),
        Command::Backup(args) => backup::run(args),
        Command::Restore(args) => restore::run(args),
        Command::Directory(args) => directory::run(args),
        Command::Invite(args) => invite::run(args),
        Command::Person(args) => person::run(args),
        Command::Staff(args) => staff::run(args),
    };
    done.unwrap_or_else(|error| {
        eprintln!("lobbyd: {error:#}");
        ExitCode::FAILURE
    })
}

/// From here on a reader who leaves (`lobbyd check … | head`) ends the program quietly, as he ends every tool of Unix; left alone,
/// Rust makes a panic of it. Not for what has connections open, which may break, or is in the middle of changing a data folder.
fn ends_with_its_reader() {
    // SAFETY: gives the signal back its usual meaning; no handler of this program is involved.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
}
