//! `lobbyd board`: what is connected to this machine, and a board file for it.

use super::print_test;
use crate::board::{drm, scanner, touch};
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// List displays and touch panels, and propose a board file
    Probe,
    /// Print a slip of an invented visitor on the board's printer
    PrintTest(print_test::Args),
}

/// Pixels an inch of the 7-inch display, which nobody can ask a cable for: to be measured.
const DPI: u32 = 133;

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    match args.command {
        Command::Probe => probe(),
        Command::PrintTest(args) => return print_test::run(&args),
    }
    Ok(ExitCode::SUCCESS)
}

fn probe() {
    let (displays, panels) = (drm::probe(), touch::probe());
    for (connector, sizes) in &displays {
        let sizes: Vec<String> = sizes.iter().map(|(width, height)| format!("{width}x{height}")).collect();
        println!("# display {connector}: {}", sizes.join(", "));
    }
    for name in &panels {
        println!("# touch panel \"{name}\"");
    }
    for name in scanner::probe() {
        println!("# scanner or keyboard \"{name}\"");
    }
    for device in printers() {
        println!("# printer {device}");
    }
    let Some((connector, (width, height))) =
        displays.iter().find_map(|(connector, sizes)| Some((connector, *sizes.first()?)))
    else {
        println!("# no display is connected, or this user may not see it: try as root, with no desktop running");
        return;
    };
    println!("# dpi: the diagonal in pixels divided by the diagonal in inches; this is a guess");
    println!("name = \"{connector}\"\n\n[display]\nbackend = \"drm\"\nconnector = \"{connector}\"");
    println!("size = [{width}, {height}]\nrotate = 0\ndpi = {DPI}");
    if let Some(name) = panels.first() {
        println!("\n[touch]\nname = {name:?}\nmatrix = [1, 0, 0, 0, 1, 0]");
    }
}

/// USB printers; what they speak nobody can ask them.
fn printers() -> Vec<String> {
    let files = std::fs::read_dir("/dev/usb").into_iter().flatten().flatten();
    let names = files.map(|entry| entry.path().display().to_string());
    names.filter(|path| path.starts_with("/dev/usb/lp")).collect()
}
