//! The page itself: a shell without data, its script, style and font, from inside the program. Each asset is asked for
//! with a hash of its content, so that a browser may keep it for ever and never shows an old one.

use super::answer::Refused;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

struct Asset {
    name: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
}

const SHELL: &str = include_str!("../../assets/console/index.html");

const ASSETS: &[Asset] = &[
    Asset {
        name: "console.js",
        kind: "text/javascript; charset=utf-8",
        bytes: include_bytes!("../../assets/console/console.js"),
    },
    Asset {
        name: "console.css",
        kind: "text/css; charset=utf-8",
        bytes: include_bytes!("../../assets/console/console.css"),
    },
    // A desk without a Chinese font shows the same text.
    Asset { name: "font.ttf", kind: "font/ttf", bytes: include_bytes!("../../assets/fonts/NotoSansSC-Regular.ttf") },
];

/// One hash for all assets: `?v=` where the page asks with it, and the entity tag where it does not.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    ASSETS.iter().for_each(|asset| hash.update(asset.bytes));
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
});

/// The shell, in which `{v}` stands for the version.
static PAGE: LazyLock<String> = LazyLock::new(|| SHELL.replace("{v}", &VERSION));

/// `GET /`.
pub async fn shell() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")];
    (headers, PAGE.as_str()).into_response()
}

/// `GET /a/{file}`. Asked for by its version it may be kept for ever; else the browser asks each time whether it has
/// changed, and is told in a line.
pub async fn asset(Path(name): Path<String>, uri: Uri, headers: HeaderMap) -> Response {
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else { return Refused::UNKNOWN.into_response() };
    let versioned = uri.query().and_then(|query| query.strip_prefix("v=")) == Some(VERSION.as_str());
    let keep = if versioned { "public, max-age=31536000, immutable" } else { "no-cache" };
    let tag = format!("\"{}\"", *VERSION);
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let told = [(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, keep), (header::ETAG, &tag)];
    if known {
        return (StatusCode::NOT_MODIFIED, told).into_response();
    }
    (told, asset.bytes).into_response()
}
