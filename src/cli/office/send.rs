//! `lobbyd office send` signs a command, sends it to one gateway and waits for the answer. It learns from the gateway's retained status
//! which start of its machine the command is for. Exit code 0: it was carried out; 1: refused, or not answered.

use super::reach::Reach;
use crate::config::keys;
use crate::event::{Id, Slug};
use crate::link::{Connection, Heard, Verdict};
use crate::service::office_command::{CONTRACT, Draft};
use crate::service::signature::PrivateKey;
use anyhow::{Context, bail, ensure};
use chrono::{TimeDelta, Utc};
use rumqttc::v5::mqttbytes::v5::SubscribeReasonCode;
use serde_json::{Map, Value};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::timeout;

/// The packet id of the one publish of this connection.
const PACKET: u16 = 1;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    broker: Reach,
    /// The private key that "lobbyd office key" has made.
    #[arg(long, value_name = "FILE")]
    sign_with: PathBuf,
    /// Which gateway: SITE/GATEWAY.
    #[arg(long, value_parser = gateway)]
    gateway: (Slug, Slug),
    /// Who asks, for the gateway's journal.
    #[arg(long)]
    who: String,
    /// What tells this command from others; one that was carried out is not carried out again. The default is a random one.
    #[arg(long)]
    id: Option<String>,
    /// How long the command is good, minutes.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1440))]
    minutes: u16,
    /// How long to wait for the gateway, seconds.
    #[arg(long, default_value_t = 30)]
    wait: u64,
    /// ping, replay, …: docs/brokers.md names them.
    #[arg(value_parser = Slug::new)]
    command: Slug,
    /// The arguments, as a JSON object.
    #[arg(value_parser = object)]
    arguments: Option<Map<String, Value>>,
}

fn gateway(text: &str) -> Result<(Slug, Slug), String> {
    let parts =
        text.split_once('/').and_then(|(site, gateway)| Some((Slug::new(site).ok()?, Slug::new(gateway).ok()?)));
    parts.ok_or_else(|| "write it as riverside/lobby-1".into())
}

fn object(text: &str) -> Result<Map<String, Value>, String> {
    serde_json::from_str(text).map_err(|error| format!("it is no JSON object: {error}"))
}

pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let key = keys::load(&args.sign_with).with_context(|| args.sign_with.display().to_string())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start tokio")?;
    let answer = runtime.block_on(send(args, &key))?;
    println!("{answer:#}");
    Ok(if answer["accepted"] == true { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn send(args: &Args, key: &PrivateKey) -> anyhow::Result<Value> {
    let (site, gateway) = &args.gateway;
    let below = format!("lobby/v1/{site}/{gateway}");
    let (status, command) = (format!("{below}/status"), format!("{below}/cmd/{}", args.command));
    let result = format!("{command}/result");
    let (mut connection, _) = args.broker.link("send")?.connect().await?;
    connection.subscribe([status.clone(), result.clone()]);

    let patience = Duration::from_secs(args.wait);
    let here = timeout(patience, heard_on(&mut connection, &status, |_| true)).await.ok();
    let here =
        here.with_context(|| format!("this broker knows no status of {site}/{gateway}: is the name right?"))??;
    ensure!(here["online"] == true, "{site}/{gateway} is away, and commands do not wait for it: {here}");
    let boot = here["boot"].as_str().context("its status says no boot")?;

    let draft = draft(args, boot);
    let signed = draft.sign(key)?;
    connection.publish(PACKET, command, signed.into_bytes(), false, None);
    let of_mine = |answer: &Value| answer["id"] == draft.id.as_str();
    let unread = |answer: &Value| answer["id"].is_null();
    let answer = heard_on(&mut connection, &result, |answer| of_mine(answer) || unread(answer));
    let late = || {
        let Args { wait, .. } = args;
        let id = &draft.id;
        format!("no answer of {site}/{gateway} within {wait} s; its journal knows whether {id} was carried out")
    };
    timeout(patience, answer).await.ok().with_context(late)?
}

fn draft(args: &Args, boot: &str) -> Draft {
    let (site, gateway) = &args.gateway;
    let now = Utc::now();
    Draft {
        version: CONTRACT,
        id: args.id.clone().unwrap_or_else(|| Id::random().to_string()),
        who: args.who.clone(),
        gateway: format!("{site}/{gateway}"),
        boot: boot.to_owned(),
        command: args.command.to_string(),
        issued_at: now,
        expires_at: now + TimeDelta::minutes(args.minutes.into()),
        arguments: args.arguments.clone().unwrap_or_default(),
    }
}

/// The next message on this topic that is the one. Whatever else happens on the connection ends it.
async fn heard_on(connection: &mut Connection, topic: &str, is_it: impl Fn(&Value) -> bool) -> anyhow::Result<Value> {
    loop {
        match connection.next().await {
            Heard::Publish(publish) => {
                connection.acknowledge(publish.pkid, publish.qos);
                let said = serde_json::from_slice(&publish.payload).ok().filter(|_| publish.topic == topic.as_bytes());
                if let Some(said) = said.filter(|said| is_it(said)) {
                    return Ok(said);
                }
            }
            Heard::SubAck(suback) => {
                let granted = |code: &SubscribeReasonCode| matches!(code, SubscribeReasonCode::Success(_));
                ensure!(
                    suback.return_codes.iter().all(granted),
                    "the broker refuses to let us listen to {topic}: check its access rules"
                );
            }
            Heard::PubAck { verdict: Verdict::Taken, .. } => {}
            Heard::PubAck { verdict: Verdict::Never(why) | Verdict::NotNow(why) | Verdict::Unclear(why), .. } => {
                bail!("the broker does not take the command: {why}")
            }
            Heard::Down(fault) => bail!("{fault}"),
        }
    }
}
