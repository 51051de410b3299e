//! The frame that every page shares: where one goes back, how far one is, and the two buttons that stand in the same
//! place on every page. Landscape has them along the top; portrait along the bottom, within reach of a wheelchair.

use super::area::Area;
use super::icons::Icon;
use super::press::Press;
use super::strings::Say;
use super::theme::{MARGIN, Sight, Style, TOUCH};
use super::ui::{Align, Dress, Ui};

/// What is left for the page itself.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    pub content: Area,
    /// The row of the primary button.
    pub actions: Area,
    /// Both, for a page that lays out its own actions. Portrait keeps "back" out of it.
    pub whole: Area,
}

/// Height of a pill and of the bar that holds it, in design pixels.
const PILL: i32 = 48;
const BAR: i32 = 64;
/// From the edge of the glass to a pill.
const EDGE: i32 = 16;
const GAP: i32 = 12;

/// How the page looks around its question.
#[derive(Debug, Clone, Copy, Default)]
pub struct Around {
    /// The word on the button that leads back; none on pages that only lead on.
    pub back: Option<Say>,
    /// This step and how many there are; 0 where that depends on the answer.
    pub step: Option<(u8, u8)>,
    /// Language and text size: everywhere but at home, where they stand below with their names.
    pub switches: bool,
}

impl Ui<'_> {
    pub fn around(&mut self, around: Around) -> Room {
        if self.look.metrics.portrait() { self.around_portrait(around) } else { self.around_landscape(around) }
    }

    fn around_landscape(&mut self, around: Around) -> Room {
        let (edge, gap) = (self.px(EDGE), self.px(GAP));
        let bounds = self.scene.bounds;
        let mut bar = Area::new(edge, 0, bounds.w - 2 * edge, self.px(BAR));
        bar = bar.inset_xy(0, (bar.h - self.px(PILL)) / 2);
        let place = bar.cut_right(self.px(156));
        self.emergency(place, true);
        bar.cut_right(gap);
        let place = bar.cut_right(self.px(156));
        self.help(place, true);
        if around.switches {
            for press in self.switches() {
                bar.cut_right(gap);
                let place = bar.cut_right(self.px(60));
                self.switch(place, press);
            }
            bar.cut_right(gap);
        }
        if let Some(word) = around.back {
            let label = self.say(word);
            let place = bar.cut_left((self.width(&label, Style::Caption) + self.px(68)).min(self.px(136)));
            self.pill(place, Press::Back, "back", Some(Icon::Back), &label, Dress::Quiet);
            bar.cut_left(gap);
        }
        self.step(bar, around.step);
        let margin = self.px(MARGIN);
        let top = self.px(BAR + 8);
        let whole = Area::new(margin, top, bounds.w - 2 * margin, bounds.h - top - edge);
        let mut content = whole;
        let actions = content.cut_bottom(self.px(TOUCH));
        content.cut_bottom(edge);
        Room { content, actions, whole }
    }

    fn around_portrait(&mut self, around: Around) -> Room {
        let (edge, gap, margin) = (self.px(EDGE), self.px(GAP), self.px(MARGIN));
        let bounds = self.scene.bounds;
        let mut bar = Area::new(margin, 0, bounds.w - margin - edge, self.px(BAR));
        bar = bar.inset_xy(0, (bar.h - self.px(PILL)) / 2);
        if around.switches {
            for press in self.switches() {
                let place = bar.cut_right(self.px(72));
                self.switch(place, press);
                bar.cut_right(gap);
            }
        }
        self.step(bar, around.step);
        let top = self.px(BAR + 8);
        let mut whole = Area::new(margin, top, bounds.w - 2 * margin, bounds.h - top - edge);
        let mut dock = whole.cut_bottom(self.px(TOUCH));
        let half = (dock.w - gap) / 2;
        let place = dock.cut_left(half);
        self.help(place, false);
        dock.cut_left(gap);
        self.emergency(dock, false);
        whole.cut_bottom(edge);
        let mut content = whole;
        let mut actions = content.cut_bottom(self.px(TOUCH));
        content.cut_bottom(edge);
        if let Some(word) = around.back {
            let place = actions.cut_left(self.px(136));
            actions.cut_left(gap);
            let label = self.say(word);
            self.button(place, Press::Back, "back", Some(Icon::Back), &label, Dress::Quiet);
            whole = content;
        }
        Room { content, actions, whole }
    }

    /// A small way on where "back" would stand: for pages that lead only on and are full.
    pub fn corner(&mut self, press: Press, id: &str, icon: Icon, label: &str) {
        let left = self.px(if self.look.metrics.portrait() { MARGIN } else { EDGE });
        // Beside three switches there is room for no more.
        let wide = (self.width(label, Style::Caption) + self.px(68)).min(self.px(208));
        let place = Area::new(left, self.px((BAR - PILL) / 2), wide, self.px(PILL));
        self.pill(place, press, id, Some(icon), label, Dress::Quiet);
    }

    /// How far one is, in words: a bar would have to be explained.
    fn step(&mut self, area: Area, step: Option<(u8, u8)>) {
        let text = match step {
            // One step needs no counting.
            None | Some((_, 1)) => return,
            Some((_, 0)) => self.say(Say::StepFirst).into_owned(),
            Some((n, of)) => {
                self.look.words.with(Say::Step, &[("n", &n.to_string()), ("of", &of.to_string())]).into_owned()
            }
        };
        // Beside the pills there may be room for the figures only.
        let short = step.map(|(n, of)| format!("{n}/{of}")).filter(|_| self.width(&text, Style::Caption) > area.w);
        let text = short.unwrap_or(text);
        let muted = self.palette().muted;
        self.line(area, &text, Style::Caption, muted, Align::Left);
        self.part(crate::board::Role::Text, "step", text, area);
    }

    fn help(&mut self, area: Area, small: bool) {
        let label = self.say(Say::Help);
        if small {
            self.pill(area, Press::Help, "help", Some(Icon::Help), &label, Dress::Quiet);
        } else {
            self.button(area, Press::Help, "help", Some(Icon::Help), &label, Dress::Quiet);
        }
    }

    fn emergency(&mut self, area: Area, small: bool) {
        let label = self.say(Say::Emergency);
        if small {
            self.pill(area, Press::Emergency, "emergency", Some(Icon::Emergency), &label, Dress::Danger);
        } else {
            self.button(area, Press::Emergency, "emergency", Some(Icon::Emergency), &label, Dress::Danger);
        }
    }

    /// From the right: the ways to see, the voice where there is one, the languages.
    fn switches(&self) -> impl Iterator<Item = Press> + use<> {
        let voice = self.look.aloud.map(|_| Press::Aloud);
        [Press::Large].into_iter().chain(voice).chain([Press::Language])
    }

    /// The picture and the word of what a touch makes of the voice.
    pub fn voice(&self) -> (Icon, String) {
        let on = self.look.aloud == Some(true);
        let (icon, word) = if on { (Icon::Silent, Say::ReadNoMore) } else { (Icon::Aloud, Say::ReadAloud) };
        (icon, self.say(word).into_owned())
    }

    /// Language, voice and text size, small.
    pub fn switch(&mut self, area: Area, press: Press) {
        let ink = self.ground(area, press, Dress::Quiet, area.h / 2);
        if press == Press::Language {
            self.icon(area, Icon::Language, 26, ink);
            let name = self.say(Say::Language);
            self.part(crate::board::Role::Button, "language", name, area);
        } else {
            let aloud = press == Press::Aloud;
            let (icon, name) = if aloud { self.voice() } else { self.text_size() };
            self.icon(area, icon, 26, ink);
            let id = if aloud { "aloud" } else { "large" };
            self.part(crate::board::Role::Button, id, name, area);
        }
    }

    /// The picture and the word of the way to see that is next.
    pub fn text_size(&self) -> (Icon, String) {
        let (icon, word) = match self.look.sight.next() {
            Sight::Normal => (Icon::Smaller, Say::Normal),
            Sight::Large => (Icon::Larger, Say::Large),
            Sight::Contrast => (Icon::Contrast, Say::Contrast),
        };
        (icon, self.say(word).into_owned())
    }

    /// The primary button, bottom right.
    pub fn primary(&mut self, actions: Area, press: Press, label: &str) {
        let place = self.primary_place(actions);
        self.button(place, press, "next", None, label, Dress::Primary);
    }

    fn primary_place(&self, mut actions: Area) -> Area {
        if self.look.metrics.portrait() { actions } else { actions.cut_right(self.px(208)) }
    }
}
