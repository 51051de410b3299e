//! `lobbyd directory import`: brings the directory up to date from a table. The daemon takes it up by itself. Nothing changes
//! unless every line is good, and no line is repeated in a message: it may hold a resident's name.

use crate::config::Config;
use crate::config::directory::{self, NoTable};
use crate::directory::{Draft, From};
use crate::health::clock;
use crate::service::directory::table::Hosts;
use crate::service::directory::update;
use anyhow::{Context, anyhow};
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
    /// Take the directory from a table (CSV with a column "unit" or 房号; "building" or 楼栋, 单元, "vacant" or 空置, "contact hours"
    /// or 联系时间, "shoe covers" or 鞋套, "note for visits" or 上门须知 are optional)
    Import {
        /// The table. Only these columns are kept.
        file: PathBuf,
        /// The configuration file.
        #[arg(long)]
        config: PathBuf,
        /// Keep who lives there, too, for the guards: "name" or 姓名, "phone" or 手机, "language" or 语言; a line for each person
        #[arg(long)]
        with_hosts: bool,
        /// It is meant that less than half of the units stay.
        #[arg(long)]
        shrinks: bool,
        /// Print the outcome as JSON.
        #[arg(long)]
        json: bool,
    },
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let Command::Import { file, config, with_hosts, shrinks, json } = args.command;
    let data_dir = Config::load(&config)?.data_dir;
    let version = update::of_table(clock::now().utc);
    let hosts = if with_hosts { Hosts::Taken } else { Hosts::LeftOut };
    let list = directory::load(&file, hosts).inspect_err(|why| match why {
        NoTable::NotRead(_) => {}
        NoTable::Malformed(_) => refused(&data_dir, &version, "malformed"),
    })?;
    let begun = Draft::begin(&data_dir, From::Nothing).inspect_err(|_| refused(&data_dir, &version, "storage"));
    let mut draft = begun.with_context(|| {
        format!("the directory cannot be written into {}: run this as the user that runs lobbyd", data_dir.display())
    })?;
    let facts = draft.take(&list, []).and_then(|()| draft.finish(&version, shrinks));
    let facts = facts
        .inspect_err(|why| refused(&data_dir, &version, why.code()))
        .map_err(|why| anyhow!("nothing was changed: {why}").context("use --shrinks where it is meant"))?;
    if json {
        println!("{}", json!({ "units": facts.units, "hosts": facts.hosts, "version": facts.version }));
    } else {
        let hosts = if with_hosts { format!(" and {} people", facts.hosts) } else { String::new() };
        println!("{} units{hosts} imported; lobbyd takes them up by itself", facts.units);
    }
    Ok(ExitCode::SUCCESS)
}

/// For the journal. Where it cannot be left there, whoever imports has heard it all the same.
fn refused(data_dir: &Path, version: &str, reason: &str) {
    if let Err(error) = directory::leave(data_dir, version, reason) {
        eprintln!("the daemon cannot be told of it: {error}");
    }
}
