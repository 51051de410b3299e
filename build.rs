//! Turns the names of the sentences in `assets/strings/zh-Hans.ftl` into the enum `Say`: a sentence is one line in each
//! language and one use. A name that is misspelt does not compile; one that nobody uses is a warning.

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

const SENTENCES: &str = "assets/strings/zh-Hans.ftl";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed={SENTENCES}");
    println!("cargo::rerun-if-changed=build.rs");
    // systemd/package asks for it, and names the folder of a linker that can do it. Relocations are packed, 1 MiB less: glibc
    // 2.36 (Debian 12) and newer unpacks them. Functions of the same code become one.
    println!("cargo::rerun-if-env-changed=LOBBYD_PACK_WITH");
    if let Ok(folder) = env::var("LOBBYD_PACK_WITH") {
        for argument in ["-fuse-ld=lld", &format!("-B{folder}"), "-Wl,-z,pack-relative-relocs", "-Wl,--icf=all"] {
            println!("cargo::rustc-link-arg-bins={argument}");
        }
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
