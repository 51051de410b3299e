//! What somebody takes along on paper, where a printer stands by: a visitor's slip, the notice of a repair (R027), a release pass
//! (R279). It says what the glass says, in the house's language and in the visitor's own, so who gets no paper lacks nothing.
//! Paper lies about: no name, no phone number, no unit and no host ever stands on it.

use super::area::Area;
use super::glyphs::{Face, Faces, Glyphs};
use super::language::Language;
use super::paint::paint;
use super::scene::{Item, Scene};
use super::strings::{Say, Words};
use super::{Settings, text};
use crate::board::printer::Paper;
use crate::board::{Color, Frame};
use crate::desk::Command;
use crate::service::matter::Opening;
use crate::service::number::Number;
use crate::service::pass::{Items, PassCode};
use chrono::{DateTime, NaiveDateTime, Utc};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::prelude::*;
use qrcode::{Color as Module, EcLevel, QrCode};

/// Longest slip in millimetres: a list of things that is longer goes on in the record.
const LONGEST: f32 = 200.0;

/// Quiet space around a code, in modules (ISO/IEC 18004); the paper's own white gives the rest.
const QUIET: i32 = 2;

/// What kind of slip.
#[derive(Clone, PartialEq, Eq)]
pub enum Sheet {
    Visit,
    /// A visit with an invitation: its guest has left no phone number to sign out with.
    Invited,
    Repair,
    Pass(Load),
}

/// What the guard at the gate compares: the things, and when and how they leave.
#[derive(Clone, PartialEq, Eq)]
pub struct Load {
    pub code: PassCode,
    items: Items,
    leaves_at: DateTime<Utc>,
    vehicle: Option<String>,
    help: bool,
}

impl Sheet {
    /// The slip of what this command asks for; most things need none.
    pub fn of(command: &Command) -> Option<Sheet> {
        let Command::Open { opening, .. } = command else { return None };
        Some(match opening {
            Opening::Visit(_) => Sheet::Visit,
            Opening::Repair(_) => Sheet::Repair,
            Opening::Pass(pass) => Sheet::Pass(Load {
                code: pass.code.clone(),
                items: pass.items.clone(),
                leaves_at: pass.leaves_at,
                vehicle: pass.vehicle.as_ref().map(|vehicle| vehicle.as_str().to_owned()),
                help: pass.help_to_carry,
            }),
            _ => return None,
        })
    }

    /// What the gate will ask for (R279). It stands in no event, so the glass and the paper show it now or never.
    pub fn code(&self) -> Option<&str> {
        match self {
            Sheet::Pass(load) => Some(load.code.as_str()),
            Sheet::Visit | Sheet::Invited | Sheet::Repair => None,
        }
    }

    const fn title(&self) -> Say {
        match self {
            Sheet::Visit | Sheet::Invited => Say::HomeVisit,
            Sheet::Repair => Say::RepairPaper,
            Sheet::Pass(_) => Say::PassEntry,
        }
    }

    /// What it is good for.
    const fn keep(&self) -> Say {
        match self {
            Sheet::Visit => Say::VisitKeep,
            Sheet::Invited => Say::InvitationKeep,
            Sheet::Repair => Say::RepairKeep,
            Sheet::Pass(Load { help: false, .. }) => Say::PassNow,
            Sheet::Pass(Load { help: true, .. }) => Say::PassNowHelp,
        }
    }
}

/// A slip that is due.
#[derive(Clone, PartialEq, Eq)]
pub struct Slip {
    pub number: Number,
    pub sheet: Sheet,
    /// Of the session.
    pub language: Language,
    /// The site's wall clock; `None` while nobody knows the time: a wrong date on a pass is worse than none.
    pub at: Option<NaiveDateTime>,
}

/// Never its code.
impl std::fmt::Debug for Slip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Slip({})", self.number)
    }
}

/// How a language is written.
pub struct Pen<'a> {
    pub words: &'a Words,
    pub faces: &'a Faces,
}

impl Slip {
    /// The language of the house on this slip: whoever reads traditional characters is read by every guard.
    pub const fn house(&self) -> Language {
        match self.language {
            Language::Traditional => Language::Traditional,
            _ => Language::Chinese,
        }
    }

    /// The slip as black on white. `house` writes in [`Slip::house`], `own` in the visitor's language.
    pub fn draw(&self, settings: &Settings, paper: Paper, [house, own]: [&Pen; 2], glyphs: &mut Glyphs) -> Frame {
        let mut roll = Roll::new(paper, house.faces);
        let foreign = (!self.language.is_chinese()).then_some(own);
        roll.line(house, Face::Medium, 3.5, settings.name(self.house()));
        if foreign.is_some() {
            roll.line(own, Face::Regular, 3.0, settings.name(self.language));
        }
        roll.rule();
        roll.line(house, Face::Medium, 7.0, &house.words.say(self.sheet.title()));
        if let Some(own) = foreign {
            roll.line(own, Face::Regular, 4.0, &own.words.say(self.sheet.title()));
        }
        let number = self.number.to_string();
        roll.code(self.sheet.code().unwrap_or(&number));
        match self.sheet.code().and_then(|code| code.split_at_checked(4)) {
            Some((one, two)) => {
                roll.large(house, &format!("{one} {two}"));
                roll.line(house, Face::Regular, 3.5, &number);
            }
            None => roll.large(house, &number),
        }
        if let Some(at) = self.at {
            roll.line(house, Face::Regular, 3.5, &at.format("%Y-%m-%d %H:%M").to_string());
        }
        self.load(&mut roll, settings, house);
        roll.rule();
        for pen in [house].into_iter().chain(foreign) {
            roll.line(pen, Face::Regular, 3.5, &pen.words.say(self.sheet.keep()));
        }
        if let Some(phone) = &settings.service_phone {
            for pen in [house].into_iter().chain(foreign) {
                roll.line(pen, Face::Regular, 3.0, &pen.words.with(Say::ServicesCall, &[("phone", phone)]));
            }
        }
        roll.frame(glyphs)
    }

    fn load<'a>(&self, roll: &mut Roll<'a>, settings: &Settings, pen: &Pen<'a>) {
        let Sheet::Pass(load) = &self.sheet else { return };
        roll.rule();
        for item in Vec::from(load.items.clone()) {
            let things = [("things", item.what.as_str()), ("count", &item.count.to_string())];
            roll.line(pen, Face::Regular, 3.5, &pen.words.with(Say::PassPaperThings, &things));
        }
        let leaves = load.leaves_at.with_timezone(&settings.zone).format("%Y-%m-%d %H:%M").to_string();
        roll.line(pen, Face::Regular, 3.5, &pen.words.with(Say::PassPaperLeaves, &[("time", &leaves)]));
        if let Some(vehicle) = &load.vehicle {
            roll.line(pen, Face::Regular, 3.5, &pen.words.with(Say::PassPaperWay, &[("way", vehicle)]));
        }
    }
}

const BLACK: Color = Rgb888::BLACK;

/// Paper that gets longer as it is written on, everything in the middle. Sizes in millimetres.
struct Roll<'a> {
    paper: Paper,
    y: i32,
    /// What to draw, and with whose faces.
    items: Vec<(Item, &'a Faces)>,
    /// What has no letters is drawn with these.
    faces: &'a Faces,
}

impl<'a> Roll<'a> {
    fn new(paper: Paper, faces: &'a Faces) -> Self {
        let mut roll = Roll { paper, y: 0, items: Vec::new(), faces };
        roll.y = roll.dots(1.0);
        roll
    }

    fn dots(&self, mm: f32) -> i32 {
        (mm * self.paper.dpi as f32 / 25.4).round() as i32
    }

    fn width(&self) -> i32 {
        self.paper.dots as i32
    }

    fn is_full(&self) -> bool {
        self.y > self.dots(LONGEST)
    }

    /// Text, broken where it must be.
    fn line(&mut self, pen: &Pen<'a>, face: Face, em: f32, words: &str) {
        let size = self.dots(em) as u16;
        let room = self.width() - self.dots(2.0);
        for line in text::even_lines(pen.faces, face, size, words, room) {
            self.put(pen, face, size, line);
        }
        self.y += self.dots(0.8);
    }

    /// In one line, as large as it fits.
    fn large(&mut self, pen: &Pen<'a>, words: &str) {
        let mut size = self.dots(9.0) as u16;
        let room = self.width() - self.dots(2.0);
        while size > 1 && text::width(pen.faces, Face::Medium, size, words) > room {
            size -= 1;
        }
        self.put(pen, Face::Medium, size, words);
    }

    fn put(&mut self, pen: &Pen<'a>, face: Face, size: u16, words: &str) {
        if self.is_full() {
            return;
        }
        let (wide, high) = (text::width(pen.faces, face, size, words), i32::from(size) * 13 / 10);
        let area = Area::new(0, self.y, self.width(), high);
        // The face's own metrics leave room for accents that no line here needs.
        let baseline = self.y + i32::from(size) * 21 / 20;
        let x = (self.width() - wide) / 2;
        let item = Item::Text { area, x, baseline, face, size, color: BLACK, text: words.to_owned() };
        self.items.push((item, pen.faces));
        self.y += high;
    }

    /// A line across, as between the parts of a form.
    fn rule(&mut self) {
        self.y += self.dots(1.2);
        let side = self.dots(4.0);
        let area = Area::new(side, self.y, self.width() - 2 * side, self.dots(0.25).max(1));
        self.items.push((Item::Fill { area, color: BLACK }, self.faces));
        self.y += area.h + self.dots(1.8);
    }

    /// A QR code as large as whole dots a module allow within 30 mm.
    fn code(&mut self, text: &str) {
        let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return };
        let width = code.width();
        let module = (self.dots(30.0).min(self.width()) / (width as i32 + 2 * QUIET)).max(1);
        let (side, quiet) = (module * width as i32, module * QUIET);
        let area = Area::new((self.width() - side) / 2, self.y + quiet, side, side);
        let modules = code.to_colors().into_iter().map(|module| module == Module::Dark).collect();
        self.items.push((Item::Code { area, width, modules, color: BLACK }, self.faces));
        self.y += side + 2 * quiet;
    }

    fn frame(self, glyphs: &mut Glyphs) -> Frame {
        let bounds = Area::new(0, 0, self.width(), self.y + self.dots(1.0));
        let mut frame = Frame::new(Size::new(bounds.w as u32, bounds.h as u32));
        let white = Item::Fill { area: bounds, color: Rgb888::WHITE };
        for (item, faces) in [(white, self.faces)].into_iter().chain(self.items) {
            let scene = Scene { bounds, items: vec![item], ..Scene::default() };
            paint(&scene, &[bounds], faces, glyphs, &mut frame);
        }
        frame
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::contact::{Name, Phone, Unit};
    use crate::service::visit::{Purpose, SignIn, WayIn};
    use std::num::NonZeroU8;

    fn sign_in(unit: &str, name: &str, phone: &str) -> Command {
        Command::at_the_glass(Opening::Visit(SignIn {
            unit: Unit::parse(unit).unwrap(),
            name: Some(Name::parse(name).unwrap()),
            phone: Some(Phone::parse(phone).unwrap()),
            identity: None,
            purpose: Purpose::Friends,
            note: None,
            heads: NonZeroU8::MIN,
            way_in: WayIn::Host,
            language: "zh-Hans".into(),
        }))
    }

    #[test]
    fn paper_that_lies_about_says_nothing_of_who_came_or_to_whom() {
        let one = Sheet::of(&sign_in("3-1203", "王小明", "13800138000"));
        let other = Sheet::of(&sign_in("1-0101", "李四", "13900139000"));
        assert!(one.is_some() && one == other);
    }
}
