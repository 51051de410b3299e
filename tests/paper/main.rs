//! Slips on paper: what they look like, and how they come out of printers that behave and printers that do not. The printers
//! are software: they parse what they are sent back into a picture.



use embedded_graphics::prelude::Size;
use lobbyd::board::Frame;
use lobbyd::board::printer::{Language as Speaks, Paper, Raster};
use lobbyd::kiosk::{Language, Metrics, samples, to_png};

use std::path::PathBuf;


/// The pages of the glass that lead to a slip, and the languages and papers worth a picture.
const SLIPS: [(&str, Language, Speaks, u8); 7] = [
    ("visit.received", Language::Chinese, Speaks::EscPos, 80),
    ("visit.received", Language::English, Speaks::EscPos, 58),
    ("visit.received", Language::Korean, Speaks::BrotherQl, 62),
    ("invitation.received", Language::Traditional, Speaks::EscPos, 80),
    ("repair.received", Language::Chinese, Speaks::BrotherQl, 62),
    ("pass.received", Language::Chinese, Speaks::EscPos, 80),
    ("pass.received", Language::English, Speaks::EscPos, 58),
];

fn slip(name: &str, language: Language, paper: Paper) -> Option<Raster> {
    let metrics = Metrics::new(Size::new(800, 480), 133);
    samples::sample(name, language, metrics).expect("there is this page").slip(paper)
}

fn visitor_slip(paper: Paper) -> Raster {
    slip("visit.received", Language::Chinese, paper).expect("a visitor gets a slip")
}

/// Black on white, as a file.
fn png(picture: &Raster) -> Vec<u8> {
    let size = Size::new(picture.width(), picture.height());
    let mut frame = Frame::new(size);
    for y in 0..size.height {
        for (x, pixel) in (0..).zip(frame.row_mut(0, y, size.width)) {
            *pixel = if picture.is_black(x, y) { 0 } else { 0xFF_FFFF };
        }
    }
    to_png(&frame).unwrap()
}

#[test]
fn every_slip_looks_as_it_was_approved() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden-paper");
    let mut differ = Vec::new();
    for (name, language, speaks, mm) in SLIPS {
        let picture = slip(name, language, Paper::of(speaks, mm).unwrap()).expect("it is printed");
        let file = format!("{name}-{}-{mm}mm.png", language.tag());
        let (made, approved) = (png(&picture), std::fs::read(folder.join(&file)).unwrap_or_default());
        if made == approved {
            continue;
        }
        if std::env::var_os("LOBBYD_BLESS").is_some() {
            std::fs::write(folder.join(&file), made).unwrap();
        } else {
            let seen = std::env::temp_dir().join(&file);
            std::fs::write(&seen, made).unwrap();
            differ.push(seen.display().to_string());
        }
    }
    assert!(differ.is_empty(), "differ from tests/golden-paper; look at:\n{}", differ.join("\n"));
}

/// Paper lies about. The sample's visitor is called 王 and goes to 3-1203; a slip of another name and unit is the same.
#[test]
fn what_needs_no_paper_prints_none() {
    let paper = Paper::of(Speaks::EscPos, 80).unwrap();
    for name in ["complaint.received", "visit.sending", "emergency.place", "home", "sign-out.over"] {
        assert!(slip(name, Language::Chinese, paper).is_none(), "{name}");
    }
}
