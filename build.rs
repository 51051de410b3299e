//! Turns the names of the sentences in `assets/strings/zh-Hans.ftl` into the enum `Say`: a sentence is one line in each
//! language and one use. A name that is misspelt does not compile; one that nobody uses is a warning.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

const SENTENCES: &str = "assets/strings/zh-Hans.ftl";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed={SENTENCES}");
    println!("cargo::rerun-if-changed=build.rs");
    // systemd/package asks for it: 1 MiB less of relocations. They are unpacked by glibc 2.36 (Debian 12) and newer, and an
    // older one cannot even link it, so nobody else does.
    println!("cargo::rerun-if-env-changed=LOBBYD_PACK_RELOCATIONS");
    if env::var_os("LOBBYD_PACK_RELOCATIONS").is_some() {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
    let text = fs::read_to_string(SENTENCES)?;
    let names = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" = "));
    let mut list = String::from("sentences! {\n");
    for (name, _) in names {
        writeln!(list, "    {} = {name:?},", variant(name))?;
    }
    list.push_str("}\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("say.rs"), list)?;
    Ok(())
}

/// `visit-unit-question` is `VisitUnitQuestion`.
fn variant(name: &str) -> String {
    let capital = |part: &str| {
        let mut letters = part.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    name.split('-').map(capital).collect()
}
