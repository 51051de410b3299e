//! `lobbyd demo`: the whole product on this machine, on one page.

use std::process::ExitCode;
use std::time::Duration;

/// What is left of the demo's threads at the end gets so long; the brokers never end by themselves.
const REST: Duration = Duration::from_millis(100);

#[derive(clap::Args)]
pub struct Args {
    /// Port of the page; 0 takes any that is free
    #[arg(long, default_value_t = 8600)]
    port: u16,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    crate::health::logs::start(None);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(crate::demo::run(args.port));
    runtime.shutdown_timeout(REST);
    done.map(|()| ExitCode::SUCCESS)
}
