//! One gateway as the tools of the central office command it: which start of its machine a command is for, by its retained status, signed,
//! sent, and the answer waited for.

use super::reach::Reach;
use crate::config::keys;
use crate::event::Slug;
use crate::link::{Connection, Heard, Verdict};
use crate::service::office_command::{CONTRACT, Draft};
use crate::service::signature::PrivateKey;
use anyhow::{Context, bail, ensure};
use chrono::{TimeDelta, Utc};
use rumqttc::v5::mqttbytes::v5::SubscribeReasonCode;
use serde_json::{Map, Value};
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::timeout;

#[derive(clap::Args)]
pub struct To {
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
    /// How long the command is good, minutes.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1440))]
    minutes: u16,
    /// How long to wait for each answer of the gateway, seconds.
    #[arg(long, default_value_t = 30)]
    wait: u64,
}

fn gateway(text: &str) -> Result<(Slug, Slug), String> {
    let parts =
        text.split_once('/').and_then(|(site, gateway)| Some((Slug::new(site).ok()?, Slug::new(gateway).ok()?)));
    parts.ok_or_else(|| "write it as riverside/lobby-1".into())
}

/// A gateway that is there, for commands of one name, one after the other.
pub struct Commanded<'a> {
    to: &'a To,
    key: PrivateKey,
    connection: Connection,
    command: &'a Slug,
    topic: String,
    boot: String,
    /// The packet id of the last publish.
    packet: u16,
}

impl To {
    /// # Errors
    /// When the key cannot be read, the broker does not answer, or the gateway is not there.
    pub async fn open<'a>(&'a self, command: &'a Slug) -> anyhow::Result<Commanded<'a>> {
        let key = keys::load(&self.sign_with).with_context(|| self.sign_with.display().to_string())?;
        let (site, gateway) = &self.gateway;
        let below = format!("lobby/v1/{site}/{gateway}");
        let (status, topic) = (format!("{below}/status"), format!("{below}/cmd/{command}"));
        let (mut connection, _) = self.broker.link("send")?.connect().await?;
        connection.subscribe([status.clone(), format!("{topic}/result")]);
        let here = timeout(self.patience(), heard_on(&mut connection, &status, |_| true)).await.ok();
        let here =
            here.with_context(|| format!("this broker knows no status of {site}/{gateway}: is the name right?"))??;
        ensure!(here["online"] == true, "{site}/{gateway} is away, and commands do not wait for it: {here}");
        let boot = here["boot"].as_str().context("its status says no boot")?.to_owned();
        Ok(Commanded { to: self, key, connection, command, topic, boot, packet: 0 })
    }

    fn patience(&self) -> Duration {
        Duration::from_secs(self.wait)
    }
}

impl Commanded<'_> {
    /// Sends one command and returns its answer.
    ///
    /// # Errors
    /// When it is too large, the broker does not take it, or no answer comes in time.
    pub async fn order(&mut self, id: String, arguments: Map<String, Value>) -> anyhow::Result<Value> {
        let draft = self.draft(id, arguments);
        let signed = draft.sign(&self.key)?;
        // From 1, and never 0 (MQTT 5, 2.2.1).
        self.packet = self.packet % u16::MAX + 1;
        self.connection.publish(self.packet, self.topic.clone(), signed.into_bytes(), false, None);
        let of_mine = |answer: &Value| answer["id"] == draft.id.as_str();
        let unread = |answer: &Value| answer["id"].is_null();
        let result = format!("{}/result", self.topic);
        let answer = heard_on(&mut self.connection, &result, |answer| of_mine(answer) || unread(answer));
        let To { wait, gateway: (site, gateway), .. } = self.to;
        let late = || {
            let id = &draft.id;
            format!("no answer of {site}/{gateway} within {wait} s; its journal knows whether {id} was carried out")
        };
        timeout(self.to.patience(), answer).await.ok().with_context(late)?
    }

    fn draft(&self, id: String, arguments: Map<String, Value>) -> Draft {
        let (site, gateway) = &self.to.gateway;
        let now = Utc::now();
        Draft {
            version: CONTRACT,
            id,
            who: self.to.who.clone(),
            gateway: format!("{site}/{gateway}"),
            boot: self.boot.clone(),
            command: self.command.to_string(),
            issued_at: now,
            expires_at: now + TimeDelta::minutes(self.to.minutes.into()),
            arguments,
        }
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
