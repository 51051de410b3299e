//! `lobbyd office directory` sends a gateway who lives where, from the table that `lobbyd directory import` takes: parted, signed and sent part
//! by part, until the gateway says that it is in force. Exit code 0: it is; 1: a part was refused, or not answered.

use super::gateway::To;
use crate::config::directory;
use crate::event::{Id, Slug};
use crate::service::directory::table::Hosts;
use crate::service::directory::update::{Part, in_parts};
use crate::service::office_command::{MAX_COMMAND, Name};
use anyhow::{Context, bail, ensure};
use serde_json::{Value, to_value};
use std::path::PathBuf;
use std::process::ExitCode;

/// What a part's command has besides its units, bytes: who, id, gateway, boot, times, version, each within its own limit; header and signature.
const AROUND: usize = 4 * 1024;
/// Room for the units of a part. As it is sent, base64url makes four bytes of three.
const ROOM: usize = (MAX_COMMAND - AROUND) / 4 * 3;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    to: To,
    /// The table, CSV: columns as for "lobbyd directory import".
    file: PathBuf,
    /// The office's name for this directory: 2026-11-23. Another content needs another name.
    #[arg(long)]
    version: String,
    /// Send who lives there, too, for the guards.
    #[arg(long)]
    with_hosts: bool,
    /// It is meant that less than half of the units stay.
    #[arg(long)]
    shrinks: bool,
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let hosts = if args.with_hosts { Hosts::Taken } else { Hosts::LeftOut };
    let units = directory::load(&args.file, hosts)?;
    let parts = in_parts(&args.version, units, args.shrinks, ROOM);
    let parts = parts.context("it does not fit into the parts that a gateway takes")?;
    for part in &parts {
        part.check().map_err(anyhow::Error::msg)?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start tokio")?;
    let answer = runtime.block_on(send(args, parts))?;
    println!("{answer:#}");
    Ok(if answer["accepted"] == true { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The last answer: of the part that has put the directory in force, or of the first that was refused.
async fn send(args: &Args, parts: Vec<Part>) -> anyhow::Result<Value> {
    let command = Slug::new(Name::Directory.as_str()).context("a command's name is one")?;
    let mut gateway = args.to.open(&command).await?;
    let mut last = Value::Null;
    for part in parts {
        let Value::Object(arguments) = to_value(&part)? else { bail!("a part is an object") };
        last = gateway.order(Id::random().to_string(), arguments).await?;
        if last["accepted"] != true {
            return Ok(last);
        }
        eprintln!("part {} of {} is there", part.part, part.parts);
    }
    // Parts that were collected do not outlive a restart of the gateway.
    ensure!(last["result"]["missing"].is_null(), "parts are missing there: send it once more: {last}");
    Ok(last)
}
