//! `lobbyd office`: tools for the central office, which needs no gateway of its own to use them.

mod directory;
mod gateway;
mod reach;
mod send;
mod verify;

use crate::config::keys;
use crate::service::office_command::key_name;
use anyhow::Context;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Listen to the office's broker and say what is missing, repeated or out of order, by `seq` alone
    Verify(verify::Args),
    /// Make a key that signs commands, and print the lines that lobby.toml needs
    Key {
        /// The file for the private key; it must not exist.
        #[arg(long)]
        key: PathBuf,
        /// Whose key it is: a system, not a person.
        #[arg(long, default_value = "office")]
        name: String,
    },
    /// Sign a command, send it to one gateway and print its answer
    Send(send::Args),
    /// Send a gateway the whole directory from a table, in as many signed parts as it takes
    Directory(directory::Args),
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    match args.command {
        Command::Verify(args) => verify::run(&args),
        Command::Key { key, name } => make_key(&key, &name),
        Command::Send(args) => send::run(&args),
        Command::Directory(args) => directory::run(&args),
    }
}

fn make_key(file: &Path, name: &str) -> anyhow::Result<ExitCode> {
    let public = keys::make(file).with_context(|| format!("{} cannot be written", file.display()))?;
    println!(
        "# Put this line into lobby.toml of each gateway, above [site], and start lobbyd again. Commands name this key \"{}\".",
        key_name(&public)
    );
    println!("command_key = [{{ name = {}, public = \"{public}\" }}]", json!(name));
    Ok(ExitCode::SUCCESS)
}
