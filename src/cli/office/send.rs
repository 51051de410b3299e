//! `lobbyd office send` signs a command, sends it to one gateway and waits for the answer. Exit code 0: it was carried out; 1: refused, or
//! not answered.

use super::gateway::To;
use crate::cli::asked;
use crate::event::{Id, Slug};
use crate::service::office_command::MAX_COMMAND;
use anyhow::Context;
use serde_json::{Map, Value};
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    to: To,
    /// What tells this command from others; one that was carried out is not carried out again. The default is a random one.
    #[arg(long)]
    id: Option<String>,
    /// ping, replay, …: docs/brokers.md names them.
    #[arg(value_parser = Slug::new)]
    command: Slug,
    /// The arguments, a JSON object: here, in a file (@FILE), or from standard input (-), where it is long or names somebody
    arguments: Option<String>,
}

fn object(text: &str) -> anyhow::Result<Map<String, Value>> {
    let object: Value = serde_json::from_str(text).context("the arguments are no JSON")?;
    if let Value::Object(members) = object { Ok(members) } else { anyhow::bail!("the arguments are no JSON object") }
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let arguments = args.arguments.as_deref().map(|said| object(&asked::whole(said, MAX_COMMAND)?)).transpose()?;
    let id = args.id.clone().unwrap_or_else(|| Id::random().to_string());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start tokio")?;
    let answer = runtime.block_on(async {
        let mut gateway = args.to.open(&args.command).await?;
        gateway.order(id, arguments.unwrap_or_default()).await
    })?;
    println!("{answer:#}");
    Ok(if answer["accepted"] == true { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
