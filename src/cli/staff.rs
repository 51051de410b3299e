//! `lobbyd staff`: who may sign in on the guards' page. It prints a PIN once and asks nothing; the daemon takes the change
//! up by itself, signs out whom it concerns, and journals it.

use crate::config::Config;
use crate::config::staff::{self, Member, Roster};
use crate::console::secret;
use crate::event::Slug;
use crate::service::assign::Skill;
use crate::service::staff::Role;
use anyhow::Context;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
    /// The configuration file.
    #[arg(long, global = true, default_value = "/etc/lobbyd/lobby.toml")]
    config: PathBuf,
    /// Print the outcome as JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Let somebody sign in; prints his first PIN, which he changes himself
    Add {
        /// What he types to sign in: a-z, 0-9, - and _.
        id: String,
        /// As residents and colleagues read it.
        #[arg(long)]
        name: String,
        #[arg(long, value_parser = role)]
        role: Role,
        /// The number on his work card (R016).
        #[arg(long)]
        badge: Option<String>,
        /// A post where he may stand; may be given several times. All, where none is given.
        #[arg(long = "post")]
        posts: Vec<String>,
        /// What he can repair, with commas: electric,plumbing:expert. Whom a repair's card proposes.
        #[arg(long = "trade", value_parser = skill, value_delimiter = ',')]
        trades: Vec<Skill>,
    },
    /// Change what somebody can repair; without --trade he is proposed no more
    Trades {
        id: String,
        /// With commas: electric,plumbing:expert.
        #[arg(long = "trade", value_parser = skill, value_delimiter = ',')]
        trades: Vec<Skill>,
    },
    /// Give somebody a new PIN, and sign him out everywhere
    Reset { id: String },
    /// Sign somebody out and let him in no more; his past steps keep his name
    Disable { id: String },
    /// Let somebody in again whom "disable" shut out
    Enable { id: String },
    /// Who may sign in
    List,
}

fn role(text: &str) -> Result<Role, String> {
    let known = || Role::ALL.map(Role::name).join(", ");
    Role::from_name(text).ok_or_else(|| format!("no such role; known are {}", known()))
}

fn skill(text: &str) -> Result<Skill, String> {
    Skill::parse(text).map_err(|error| error.to_string())
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let config = Config::load(&args.config)?;
    let folder = &config.data_dir;
    match args.command {
        Command::Add { id, name, role, badge, posts, trades } => {
            let member = member(&config, &id, name, role, badge, &posts)?;
            let pin = secret::make();
            let member = Member { hash: secret::hash(&pin), trades, ..member };
            staff::edit(folder, |roster| {
                roster.staff.push(member);
                Ok(())
            })?;
            tell_pin(&id, &pin, args.json);
        }
        Command::Trades { id, trades } => {
            change(&config, &id, |member| member.trades = trades)?;
            tell(&id, "trades changed", args.json);
        }
        Command::Reset { id } => {
            let pin = secret::make();
            let hash = secret::hash(&pin);
            change(&config, &id, |member| (member.hash, member.must_change) = (hash, true))?;
            tell_pin(&id, &pin, args.json);
        }
        Command::Disable { id } => {
            change(&config, &id, |member| member.disabled = true)?;
            tell(&id, "disabled", args.json);
        }
        Command::Enable { id } => {
            change(&config, &id, |member| member.disabled = false)?;
            tell(&id, "enabled", args.json);
        }
        Command::List => list(&staff::load(folder)?, args.json),
    }
    Ok(ExitCode::SUCCESS)
}

fn member(
    config: &Config,
    id: &str,
    name: String,
    role: Role,
    badge: Option<String>,
    posts: &[String],
) -> anyhow::Result<Member> {
    let post = |post: &String| {
        let known = config.posts.iter().find(|known| known.id.as_str() == post);
        known.map(|known| known.id.clone()).with_context(|| format!("there is no post \"{post}\" in the configuration"))
    };
    let posts = posts.iter().map(post).collect::<anyhow::Result<_>>()?;
    let id = Slug::new(id)?;
    let (trades, hash) = (Vec::new(), String::new());
    Ok(Member { id, name, badge, role, posts, trades, hash, disabled: false, must_change: true })
}

fn change(config: &Config, id: &str, change: impl FnOnce(&mut Member)) -> anyhow::Result<()> {
    let id = Slug::new(id)?;
    staff::edit(&config.data_dir, |roster| {
        let member = roster.member_mut(&id);
        change(member.ok_or_else(|| format!("nobody has the id \"{id}\": lobbyd staff list shows everybody"))?);
        Ok(())
    })?;
    Ok(())
}

fn tell_pin(id: &str, pin: &str, as_json: bool) {
    if as_json {
        println!("{}", json!({ "id": id, "pin": pin }));
    } else {
        println!("{id} signs in with the PIN {pin} and then chooses one of his own; it is shown only now");
    }
}

fn tell(id: &str, what: &str, as_json: bool) {
    if as_json {
        println!("{}", json!({ "id": id, "done": what }));
    } else {
        println!("{id}: {what}; lobbyd takes it up by itself");
    }
}

fn list(roster: &Roster, as_json: bool) {
    if as_json {
        let member = |m: &Member| {
            json!({
                "id": m.id, "name": m.name, "badge": m.badge, "role": m.role, "posts": m.posts, "trades": m.trades,
                "disabled": m.disabled, "must_change": m.must_change,
            })
        };
        println!("{}", json!({ "staff": roster.staff.iter().map(member).collect::<Vec<_>>() }));
        return;
    }
    for m in &roster.staff {
        let posts: Vec<&str> = m.posts.iter().map(Slug::as_str).collect();
        let posts = if posts.is_empty() { "all posts".to_owned() } else { posts.join(", ") };
        let trades: Vec<String> = m.trades.iter().map(|skill| String::from(*skill)).collect();
        let trades = if trades.is_empty() { String::new() } else { format!("  {}", trades.join(", ")) };
        let state = if m.disabled { "  disabled" } else { "" };
        println!(
            "{:<16}  {:<16}  {:<8}  {posts}  {}{trades}{state}",
            m.id.as_str(),
            m.role.name(),
            m.badge.as_deref().unwrap_or("-"),
            m.name
        );
    }
}
