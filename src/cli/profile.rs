//! `lobbyd profile`: shows what a message of a device becomes, without a broker and without storing anything. It prints
//! what is in the payload, so it is for a technician's terminal and never for a log.

use crate::config::Config;
use crate::daemon::all_profiles;
use crate::device::{DeviceConfig, Devices, MAX_PAYLOAD, Message, Profiles, Reading, SiteKey, Trial};
use crate::event::{Id, Identity, Kind, Now};
use crate::service::door::Report;
use anyhow::{Context, bail};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use std::fmt::Write;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Show what one message becomes; exit code 1 if nobody knows what it means
    Test(TestArgs),
    /// List all profiles
    List(ListArgs),
}

#[derive(clap::Args)]
struct ListArgs {
    /// A configuration file: its folder of profiles is listed too.
    #[arg(long)]
    config: Option<PathBuf>,
    /// A folder of profiles (`NAME.toml`), on top of the built-in ones.
    #[arg(long)]
    profiles: Option<PathBuf>,
    /// Print as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
struct TestArgs {
    /// The profile's name; see `lobbyd profile list`.
    profile: String,
    /// The topic of the message.
    #[arg(long)]
    topic: String,
    /// A file with the payload; `-` reads standard input.
    #[arg(long)]
    payload: PathBuf,
    /// The broker had kept the message (RETAIN).
    #[arg(long)]
    retain: bool,
    /// A configuration file: its time zone, folder of profiles and devices count.
    #[arg(long)]
    config: Option<PathBuf>,
    /// A folder of profiles (`NAME.toml`), on top of the built-in ones.
    #[arg(long)]
    profiles: Option<PathBuf>,
    /// When the message came, e.g. 2026-11-21T09:15:04Z; now where it is not given.
    #[arg(long)]
    received: Option<DateTime<Utc>>,
    /// Print as JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    match args.action {
        Action::Test(args) => test(args),
        Action::List(args) => list(&args),
    }
}

fn list(args: &ListArgs) -> anyhow::Result<ExitCode> {
    let config = args.config.as_deref().map(Config::load).transpose()?;
    let profiles = profiles(config.as_ref(), args.profiles.as_deref())?;
    if args.json {
        let rows = profiles.iter().map(|profile| {
            json!({"name": profile.name, "product": profile.product, "about": profile.about, "topics": profile.topics})
        });
        println!("{}", Value::Array(rows.collect()));
    } else {
        profiles.iter().for_each(|profile| println!("{:<14} {}", profile.name, profile.about));
    }
    Ok(ExitCode::SUCCESS)
}

fn test(args: TestArgs) -> anyhow::Result<ExitCode> {
    if args.topic.contains(['+', '#']) {
        bail!("--topic is the topic of one message, so `+` and `#` cannot stand in it");
    }
    let config = args.config.as_deref().map(Config::load).transpose()?;
    let profiles = profiles(config.as_ref(), args.profiles.as_deref())?;
    let device = device(&args.profile, &args.topic, config.as_ref());
    let devices = Devices::new(&[device], &profiles, throw_away_key())?;
    let payload = read_payload(&args.payload)?;
    let message = Message {
        topic: &args.topic,
        payload: &payload,
        retain: args.retain,
        dup: false,
        packet_id: 1,
        received: Now { utc: args.received.unwrap_or_else(Utc::now), synced: true },
    };
    let reading = devices.read(&message);
    let trials = devices.explain(&message);
    let understood = is_understood(&reading);
    let shown = if args.json { as_json(&reading, &trials).to_string() } else { as_text(&reading, &trials, understood) };
    println!("{}", shown.trim_end());
    Ok(if understood { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A technician has no site key at hand and needs none: references printed here compare with each other within one run only.
fn throw_away_key() -> SiteKey {
    let mut key = [0; 32];
    key[..16].copy_from_slice(&Id::random().0);
    key[16..].copy_from_slice(&Id::random().0);
    SiteKey::new(key)
}

/// The configured device of this profile whose topic fits, or else one that listens to just this topic.
fn device(profile: &str, topic: &str, config: Option<&Config>) -> DeviceConfig {
    let fits =
        |filter: &Option<String>| filter.as_ref().is_none_or(|filter| crate::device::filter_matches(filter, topic));
    let configured =
        config.and_then(|config| config.devices.iter().find(|device| device.profile == profile && fits(&device.topic)));
    let zone = config.map_or(chrono_tz::Asia::Shanghai, |config| config.site.time_zone);
    DeviceConfig {
        profile: profile.to_owned(),
        topic: Some(topic.to_owned()),
        door: configured.and_then(|device| device.door.clone()),
        zone: configured.and_then(|device| device.time_zone).unwrap_or(zone),
    }
}

/// The built-in profiles, then the configuration's folder, then the folder of the command line: the last one counts.
fn profiles(config: Option<&Config>, folder: Option<&Path>) -> anyhow::Result<Profiles> {
    let configured = config.and_then(|config| config.profiles.as_deref());
    all_profiles(configured.into_iter().chain(folder))
}

fn read_payload(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut payload = Vec::new();
    // One byte more than is read shows that a payload is too large, whatever it is.
    let limit = MAX_PAYLOAD as u64 + 1;
    let file: Box<dyn Read> = if path == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(path).with_context(|| format!("cannot open {}", path.display()))?)
    };
    file.take(limit).read_to_end(&mut payload).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(payload)
}

fn is_understood(reading: &Reading) -> bool {
    match reading {
        Reading::Ignored => true,
        Reading::Unreadable(_) => false,
        Reading::Reports(reports) => reports.iter().all(|report| report.kind != Kind::DeviceUnmapped),
    }
}

fn as_text(reading: &Reading, trials: &[Trial], understood: bool) -> String {
    let mut text = String::new();
    let fitting = trials.iter().find(|trial| trial.fits);
    if let Some(trial) = fitting {
        _ = writeln!(text, "rule       {}", trial.rule);
    }
    match reading {
        Reading::Ignored => text.push_str("ignored    the rule says that this message carries nothing of its own\n"),
        Reading::Unreadable(why) => _ = writeln!(text, "unreadable {why}"),
        Reading::Reports(reports) => reports.iter().for_each(|report| text.push_str(&report_text(report))),
    }
    if !understood && fitting.is_none() {
        text.push_str("\nRules, nearest first:\n");
        let mut nearest: Vec<&Trial> = trials.iter().collect();
        nearest.sort_by_key(|trial| std::cmp::Reverse(trial.held));
        nearest.iter().for_each(|trial| _ = writeln!(text, "  {:<28} {}", trial.rule, trial.why));
    }
    text
}

fn report_text(report: &Report) -> String {
    let time = report.stamp.time.to_rfc3339_opts(SecondsFormat::Millis, true);
    let mut flags = String::new();
    flags.push_str(if report.retained { " (retained: sets state, makes no event)" } else { "" });
    flags.push_str(if report.replayed { " (replayed: stored, never rings)" } else { "" });
    let data = serde_json::to_string_pretty(&*report.data).unwrap_or_default().replace('\n', "\n           ");
    format!(
        "kind       {}{flags}\nsubject    {}\ntime       {time} {}\nidentity   {}\ndata       {data}\n",
        report.kind,
        report.subject,
        report.stamp.quality.name(),
        identity(&report.identity),
    )
}

fn identity(identity: &Identity) -> String {
    match identity {
        Identity::Native(id) => format!("{id} (the device's own record: every repeat is this event)"),
        Identity::Delivery { .. } => {
            "of the delivery (the device says nothing that tells two such messages apart)".to_owned()
        }
        Identity::Latest { .. } => "of the device's last record (told again, it is this event)".to_owned(),
        Identity::Fresh => "new".to_owned(),
    }
}

fn as_json(reading: &Reading, trials: &[Trial]) -> Value {
    let trials = trials.iter().map(|trial| json!({"profile": trial.profile, "rule": trial.rule, "why": trial.why}));
    let trials = Value::Array(trials.collect());
    match reading {
        Reading::Ignored => json!({"reading": "ignored", "rules": trials}),
        Reading::Unreadable(why) => json!({"reading": "unreadable", "why": why, "rules": trials}),
        Reading::Reports(reports) => {
            let reports: Vec<Value> = reports.iter().map(report_json).collect();
            json!({"reading": "reports", "reports": reports, "rules": trials})
        }
    }
}

fn report_json(report: &Report) -> Value {
    let identity = match report.identity {
        Identity::Native(id) => json!({"native": id.to_string()}),
        Identity::Delivery { .. } => json!("delivery"),
        Identity::Latest { .. } => json!("latest"),
        Identity::Fresh => json!("fresh"),
    };
    json!({
        "kind": report.kind.name(),
        "subject": report.subject.as_str(),
        "time": report.stamp.time.to_rfc3339_opts(SecondsFormat::Millis, true),
        "timequality": report.stamp.quality.name(),
        "identity": identity,
        "retained": report.retained,
        "replayed": report.replayed,
        "data": *report.data,
    })
}
