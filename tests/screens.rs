//! Golden pictures: every screen in Chinese and English on two glasses, some in the other languages too, compared pixel for pixel with `tests/golden`. After a
//! change that is meant, look at each picture and run `LOBBYD_BLESS=1 cargo test --test screens`.

use embedded_graphics::prelude::Size;
use lobbyd::board::Frame;
use lobbyd::kiosk::{Language, Metrics, samples, to_png};
use std::path::PathBuf;

/// Width, height, dpi: the official 7″ display, and Touch Display 2 standing.
const GLASSES: [(u32, u32, u32); 2] = [(800, 480, 133), (720, 1280, 208)];

/// Variants of a screen that are worth a picture of their own; the other variants only have to fit (a test of the kiosk
/// itself checks that).
const VARIANTS: [&str; 25] = [
    "visit.name.title",
    "visit.purpose.title",
    "visit.received.title",
    "home.contrast",
    "home.contrast.night",
    "emergency.place.typed",
    "emergency.place.letters",
    "emergency.choose.coming",
    "visit.sending.slow",
    "visit.received.calling",
    "visit.received.coming",
    "visit.received.not-here",
    "help.told.coming",
    "repair.when.chosen",
    "handbook.entry.long",
    "gathering.one.full",
    "home.night",
    "home.alarm",
    "visit.name.spelling",
    "visit.name.pick",
    "repair.check.large",
    "services.survey",
    "sign-out.over.survey",
    "repair.received.survey",
    "repair.received.wechat",
];

/// In every language: what stands before a visitor first, and where the longest words are.
const EVERYWHERE: [&str; 7] =
    ["home", "visit.unit", "visit.notice", "visit.identity", "visit.received", "emergency.place", "emergency.choose"];

fn pictures() -> impl Iterator<Item = (&'static str, Language)> {
    let everywhere = |name: &str| EVERYWHERE.contains(&name);
    let wanted =
        move |name: &str, language| matches!(language, Language::Chinese | Language::English) || everywhere(name);
    Language::ALL.into_iter().flat_map(move |language| {
        screens().map(move |name| (name, language)).filter(move |(name, language)| wanted(name, *language))
    })
}

fn screens() -> impl Iterator<Item = &'static str> {
    let plain = |name: &str| name.split('.').count() <= 2 && !name.starts_with("home.");
    samples::names().filter(move |name| plain(name) || VARIANTS.contains(name))
}

fn path(name: &str, language: Language, (width, height, _): (u32, u32, u32)) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    folder.join(format!("{name}-{}-{width}x{height}.png", language.tag()))
}

fn drawn(name: &str, language: Language, (width, height, dpi): (u32, u32, u32)) -> Frame {
    let metrics = Metrics::new(Size::new(width, height), dpi);
    samples::sample(name, language, metrics).expect("the name comes from the list").frame().clone()
}

/// The pixels of a picture of this size, `0x00RRGGBB`; `None` where it is missing, broken or of another size.
fn golden(path: &PathBuf, size: Size) -> Option<Vec<u32>> {
    let mut decoder = png::Decoder::new(std::io::BufReader::new(std::fs::File::open(path).ok()?));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().ok()?;
    let mut bytes = vec![0; reader.output_buffer_size()?];
    let info = reader.next_frame(&mut bytes).ok()?;
    let fits = (info.width, info.height) == (size.width, size.height) && info.color_type == png::ColorType::Rgb;
    fits.then(|| bytes.chunks_exact(3).map(|rgb| u32::from_be_bytes([0, rgb[0], rgb[1], rgb[2]])).collect())
}

#[test]
fn every_screen_looks_as_it_was_approved() {
    let bless = std::env::var_os("LOBBYD_BLESS").is_some();
    let mut differ = Vec::new();
    for glass in GLASSES {
        for (name, language) in pictures() {
            let (path, frame) = (path(name, language, glass), drawn(name, language, glass));
            if golden(&path, frame.bounds().size).is_some_and(|pixels| pixels == frame.pixels()) {
                continue;
            }
            if bless {
                std::fs::write(&path, to_png(&frame).unwrap()).unwrap();
            } else {
                let seen = std::env::temp_dir().join(path.file_name().unwrap());
                std::fs::write(&seen, to_png(&frame).unwrap()).unwrap();
                differ.push(seen.display().to_string());
            }
        }
    }
    assert!(differ.is_empty(), "{} pictures differ from tests/golden; look at:\n{}", differ.len(), differ.join("\n"));
}

#[test]
fn no_golden_picture_is_of_a_screen_that_is_gone() {
    let known: Vec<PathBuf> =
        GLASSES.iter().flat_map(|glass| pictures().map(move |(name, language)| path(name, language, *glass))).collect();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        assert!(known.contains(&path), "{} belongs to no screen", path.display());
    }
}
