//! The page itself: a shell without data, its scripts, styles, icons and fonts, from inside the program. Each asset is asked
//! for with a hash of all of them, so that a browser may keep it for ever and never mixes an old script with a new one.

use super::answer::Refused;
use axum::extract::{Path, RawQuery};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::sync::LazyLock;

struct Asset {
    name: &'static str,
    bytes: &'static [u8],
}

const SHELL: &str = include_str!("../../assets/console/index.html");

macro_rules! assets {
    ($($name:literal),+ $(,)?) => {
        &[$(Asset { name: $name, bytes: include_bytes!(concat!("../../assets/console/", $name)) }),+]
    };
}

const ASSETS: &[Asset] = assets![
    "console.js",
    "days.js",
    "letter.js",
    "replies.js",
    "api.js",
    "asks.js",
    "bell.js",
    "cards.js",
    "dom.js",
    "events.js",
    "fields.js",
    "form.js",
    "gather.js",
    "handbook.js",
    "history.js",
    "improve.js",
    "inquiries.js",
    "live.js",
    "login.js",
    "openings.js",
    "questions.js",
    "records.js",
    "report.js",
    "residents.js",
    "scripts.js",
    "sheet.js",
    "steps.js",
    "store.js",
    "strings.js",
    "support.js",
    "surveys.js",
    "table.js",
    "text.js",
    "tools.js",
    "views.js",
    "words.js",
    "console.css",
    "print.css",
    "icons.svg",
    "favicon.svg",
];

/// A desk without a Chinese font shows the same text. They are there already, for the kiosk.
static FONTS: LazyLock<[Asset; 2]> = LazyLock::new(|| {
    [
        Asset { name: "font.ttf", bytes: crate::fonts::REGULAR.bytes() },
        Asset { name: "medium.ttf", bytes: crate::fonts::MEDIUM.bytes() },
    ]
});

/// One hash for all assets: `?v=` behind each.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    ASSETS.iter().chain(FONTS.iter()).for_each(|asset| hash.update(asset.bytes));
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
});

/// A name and what is served under it.
type File = (&'static str, Cow<'static, [u8]>);

/// The assets with the version in each of their references to one another.
static FILES: LazyLock<Vec<File>> = LazyLock::new(|| {
    let text = ASSETS.iter().map(|asset| {
        let text = std::str::from_utf8(asset.bytes).expect("scripts, styles and drawings are text");
        (asset.name, Cow::Owned(versioned(text).into_bytes()))
    });
    text.chain(FONTS.iter().map(|font| (font.name, Cow::Borrowed(font.bytes)))).collect()
});

static PAGE: LazyLock<String> = LazyLock::new(|| versioned(SHELL));

/// Every `/a/NAME` and `"./NAME"` with the version behind it.
fn versioned(text: &str) -> String {
    ASSETS.iter().chain(FONTS.iter()).fold(text.to_owned(), |text, Asset { name, .. }| {
        let version = VERSION.as_str();
        let text = text.replace(&format!("/a/{name}"), &format!("/a/{name}?v={version}"));
        text.replace(&format!("\"./{name}\""), &format!("\"./{name}?v={version}\""))
    })
}

/// `GET /`.
pub async fn shell() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (headers, PAGE.as_str()).into_response()
}

/// `GET /a/{file}`.
pub async fn asset(Path(name): Path<String>, RawQuery(query): RawQuery) -> Response {
    let Some((name, bytes)) = FILES.iter().find(|(known, _)| *known == name) else {
        return Refused::UNKNOWN.into_response();
    };
    // Asked for without this version, it must not be kept: the next program has another.
    let current = query.as_deref() == Some(format!("v={}", VERSION.as_str()).as_str());
    let keep = if current { "public, max-age=31536000, immutable" } else { "no-cache" };
    ([(header::CONTENT_TYPE, kind(name)), (header::CACHE_CONTROL, keep)], bytes.as_ref()).into_response()
}

fn kind(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "font/ttf",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_the_page_asks_for_is_there_in_this_version() {
        let known = |name: &str| FILES.iter().any(|(known, _)| *known == name);
        for (file, bytes) in FILES.iter().filter(|(name, _)| !name.ends_with(".ttf")) {
            let text = std::str::from_utf8(bytes).unwrap();
            for (before, after) in [("/a/", "\"'#)`"), ("\"./", "\"")] {
                for found in text.split(before).skip(1) {
                    let name = found.split(|c: char| after.contains(c)).next().unwrap_or_default();
                    let (name, version) = name.split_once("?v=").unwrap_or((name, ""));
                    assert!(known(name), "{file} asks for {name}");
                    assert_eq!(version, VERSION.as_str(), "{file} asks for {name}");
                }
            }
        }
    }
}
