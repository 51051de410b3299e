//! `lobbyd directory import`: brings the list of units up to date. The daemon takes it up by itself. Nothing changes
//! unless every line is good, and no line is repeated in a message: it may hold a resident's name.

use crate::config::{Config, directory};
use anyhow::Context;
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Take the units from a table (CSV with a column "unit" or 房号; "building" or 楼栋, "vacant" or 空置, "contact hours"
    /// or 联系时间, "shoe covers" or 鞋套, "note for visits" or 上门须知 are optional)
    Import {
        /// The table. Only these columns are kept.
        file: PathBuf,
        /// The configuration file.
        #[arg(long)]
        config: PathBuf,
        /// Print the outcome as JSON.
        #[arg(long)]
        json: bool,
    },
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let Command::Import { file, config, json } = args.command;
    let data_dir = Config::load(&config)?.data_dir;
    let list = directory::load(&file)?;
    directory::store(&data_dir, &list).with_context(|| {
        format!("the list cannot be written into {}: run this as the user that runs lobbyd", data_dir.display())
    })?;
    let count = list.units().len();
    if json {
        println!("{}", json!({ "units": count }));
    } else {
        println!("{count} units imported; lobbyd takes them up by itself");
    }
    Ok(ExitCode::SUCCESS)
}
