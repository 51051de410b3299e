//! `lobbyd invite`: an invitation for a small site or a test, signed with a key of the site's own. The daemon takes it up by
//! itself. The private key never leaves its file; the token and its code are printed once, for the guest.

use super::asked::{self, Given};
use crate::config::{Config, invitations, keys};
use crate::event::{Id, Slug};
use crate::service::contact::{Name, Unit};
use crate::service::invitation::{Draft, InvitationCode, MAX_USES, Token};
use anyhow::{Context, bail};
use chrono::{DateTime, NaiveDateTime, TimeZone, Utc};
use qrcode::{Color, EcLevel, QrCode};
use serde_json::json;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Pixels a module, and quiet modules around (ISO/IEC 18004 asks for 4).
const MODULE: usize = 8;
const QUIET: usize = 4;

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    invitation: Option<Invite>,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Make a key that signs invitations, and print the lines that lobby.toml needs
    Key {
        /// The file for the private key; it must not exist.
        #[arg(long)]
        key: PathBuf,
        /// Whose key it is.
        #[arg(long, default_value = "office")]
        name: String,
    },
}

#[derive(clap::Args)]
struct Invite {
    /// The unit that is visited.
    #[arg(long)]
    unit: String,
    /// Who invites, as the visitor reads it: 王女士. "-", or left out: it is asked for, and stands in no log of sudo.
    #[arg(long, value_parser = name, default_value = "-")]
    host: Given<Name>,
    /// From when, on the site's clocks: 2026-11-22T14:00.
    #[arg(long, value_parser = local)]
    from: NaiveDateTime,
    /// Until when.
    #[arg(long, value_parser = local)]
    until: NaiveDateTime,
    /// How many may arrive with it, one after the other.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=i64::from(MAX_USES)))]
    uses: u8,
    /// Who is invited. "-": it is asked for, and may be left empty.
    #[arg(long, value_parser = name)]
    visitor: Option<Given<Name>>,
    /// The private key that "lobbyd invite key" has made.
    #[arg(long)]
    key: PathBuf,
    /// A PNG file for the QR code.
    #[arg(long)]
    qr: Option<PathBuf>,
    /// The configuration file.
    #[arg(long, default_value = "/etc/lobbyd/lobby.toml")]
    config: PathBuf,
    /// Print the invitation only; the daemon is not told of its code.
    #[arg(long)]
    no_store: bool,
    /// Print the outcome as JSON.
    #[arg(long)]
    json: bool,
}

fn name(text: &str) -> Result<Given<Name>, String> {
    Given::parse(text, Name::parse)
}

fn local(text: &str) -> Result<NaiveDateTime, String> {
    let read = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"].iter().find_map(|s| NaiveDateTime::parse_from_str(text, s).ok());
    read.ok_or_else(|| "write it as 2026-11-22T14:00".into())
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    match (args.command, args.invitation) {
        (Some(Command::Key { key, name }), _) => make_key(&key, &name)?,
        (None, Some(invitation)) => invite(&invitation)?,
        (None, None) => bail!("say who invites, for when: lobbyd invite --help"),
    }
    Ok(ExitCode::SUCCESS)
}

fn make_key(file: &Path, name: &str) -> anyhow::Result<()> {
    let public = keys::make(file).with_context(|| format!("{} cannot be written", file.display()))?;
    println!("# Put this line into lobby.toml, above [site], and start lobbyd again:");
    println!("invitation_key = [{{ name = {}, public = \"{}\" }}]", json!(name), public);
    Ok(())
}

fn invite(args: &Invite) -> anyhow::Result<()> {
    let config = Config::load(&args.config)?;
    let key = keys::load(&args.key).with_context(|| args.key.display().to_string())?;
    let (token, code) = draft(args, &config)?.sign(&key)?;
    if let Err(refused) = token.open(&config.house().issuers) {
        let why = refused.code();
        bail!(
            "this site would not let it in ({why}): put the invitation_key of this key into {}",
            args.config.display()
        );
    }
    if let Some(file) = &args.qr {
        let picture = qr(&token)?;
        // Whoever can read it comes in with it.
        let made = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file);
        made.and_then(|mut file| file.write_all(&picture))
            .with_context(|| format!("{} cannot be written", file.display()))?;
    }
    if !args.no_store {
        let name = Slug::from_text(&Id::random().to_string());
        invitations::hand_over(&config.data_dir, name.as_str(), &token).with_context(|| {
            format!("{} cannot be written: run this as the user that runs lobbyd", config.data_dir.display())
        })?;
    }
    tell(&token, code, args);
    Ok(())
}

fn draft(args: &Invite, config: &Config) -> anyhow::Result<Draft> {
    let zone = config.site.time_zone;
    let time = |local: NaiveDateTime| -> anyhow::Result<DateTime<Utc>> {
        let time = zone.from_local_datetime(&local).earliest();
        Ok(time.with_context(|| format!("{local} does not exist in {zone}"))?.to_utc())
    };
    let mut answers = asked::standard_input();
    let host = match &args.host {
        Given::Here(host) => host.clone(),
        Given::Asked => answers.next("Who invites", Name::parse)?.context("no invitation without a host (--host)")?,
    };
    let visitor = match &args.visitor {
        Some(Given::Here(visitor)) => Some(visitor.clone()),
        Some(Given::Asked) => answers.next("Who is invited", Name::parse)?,
        None => None,
    };
    let mut id = [0; 12];
    id.copy_from_slice(&Id::random().0[..12]);
    Ok(Draft {
        site: config.site.id.clone(),
        id,
        from: time(args.from)?,
        until: time(args.until)?,
        uses: args.uses,
        unit: Unit::parse(&args.unit).map_err(|why| anyhow::anyhow!("this unit cannot be used: {why}"))?,
        host,
        visitor,
    })
}

fn tell(token: &Token, code: InvitationCode, args: &Invite) {
    let code = code.digits();
    if args.json {
        println!("{}", json!({ "token": token.as_str(), "code": code, "stored": !args.no_store }));
        return;
    }
    println!("{}", token.as_str());
    if args.no_store {
        println!("the QR code of this text is let in; its code {code} is not known to the kiosk");
    } else {
        println!("code {code}; lobbyd takes the invitation up by itself");
    }
}

/// Black on white, as any telephone shows it.
fn qr(token: &Token) -> anyhow::Result<Vec<u8>> {
    let code = QrCode::with_error_correction_level(token.as_str(), EcLevel::M).context("the token fits no QR code")?;
    let modules = code.width() + 2 * QUIET;
    let side = modules * MODULE;
    let dark = |x: usize, y: usize| {
        let inside = |at: usize| (QUIET..modules - QUIET).contains(&at);
        inside(x) && inside(y) && code[(x - QUIET, y - QUIET)] == Color::Dark
    };
    let pixels: Vec<u8> =
        (0..side * side).map(|n| if dark(n % side / MODULE, n / side / MODULE) { 0 } else { 255 }).collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side as u32, side as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(bytes)
}
