//! `lobbyd demo`.

use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    /// Port of the page.
    #[arg(long, default_value_t = 8600)]
    port: u16,
}

pub fn run(_args: Args) -> anyhow::Result<ExitCode> {
    anyhow::bail!("not built yet")
}
