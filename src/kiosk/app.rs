//! The whole kiosk without a board: touches and answers in, commands and damaged rectangles out. It holds the model, the
//! picture that the person sees, and the frame it is drawn in; it reads no clock and opens nothing.

use super::Settings;
use super::aloud::{Aloud, Speech};
use super::area::Area;
use super::glyphs::{Faces, Forms, Glyphs};
use super::input::{Finger, Gesture, SAME_PLACE, SETTLE, SLOP};
use super::language::Language;
use super::model::{Effect, Input, Model, Moment, Shown};
use super::paint::paint;
use super::paper::Pen;
use super::scene::Scene;
use super::screens::{Door, home, idle, languages};
use super::strings::Words;
use super::surroundings::{Around, Surroundings, rest};
use super::theme::{Metrics, is_night, palette};
use super::ui::{Look, Ui};
use crate::board::printer::{Paper, Raster};
use crate::board::{Frame, Touch};
use crate::service::number::Number;
use chrono::Timelike;
use embedded_graphics::prelude::Point;
use std::cell::OnceCell;
use std::time::Duration;

/// What never changes while the kiosk runs: faces, sentences, the glass.
pub struct Kit {
    faces: [Faces; 3],
    /// Each is read when it is first spoken.
    words: [OnceCell<Words>; Language::ALL.len()],
    pub metrics: Metrics,
}

impl Kit {
    pub fn new(metrics: Metrics) -> Self {
        Kit { faces: Forms::ALL.map(Faces::new), words: Default::default(), metrics }
    }

    fn faces(&self, language: Language) -> &Faces {
        &self.faces[Forms::of(language.tag()) as usize]
    }

    fn words(&self, language: Language) -> &Words {
        self.words[language as usize].get_or_init(|| Words::new(language))
    }
}

/// The picture of a model.
pub fn view(model: &Model, finger: &Finger, kit: &Kit) -> Scene {
    let look = Look {
        metrics: kit.metrics,
        palette: palette(model.local().hour(), model.sight),
        words: kit.words(model.language),
        faces: kit.faces(model.language),
        sight: model.sight,
        aloud: model.lobby().settings.voice.map(|_| model.aloud),
        pressed: finger.pressed(),
        survey: model.offers_survey(),
        wechat: model.lobby().settings.wechat.is_some(),
        way: (Door::Way.entry().offered)(&model.lobby()),
    };
    let mut ui = Ui::new(&look, model.page());
    let lobby = model.lobby();
    match (model.shown(), &model.flow) {
        (Shown::Idle, _) => idle::draw(&mut ui, model.seconds_left()),
        (Shown::Languages, _) => languages::draw(&mut ui, model.language),
        (Shown::Call(call), _) => call.draw(&mut ui, &lobby),
        (Shown::Flow, None) => home::draw(&mut ui, &lobby),
        (Shown::Flow, Some((_, flow))) => flow.draw(&mut ui, &lobby),
    }
    ui.scene
}

pub struct App {
    pub model: Model,
    kit: Kit,
    finger: Finger,
    /// Where the last click was.
    clicked: Option<Point>,
    scene: Scene,
    glyphs: Glyphs,
    frame: Frame,
    aloud: Aloud,
    around: Around,
}

impl App {
    pub fn new(settings: Settings, metrics: Metrics, moment: Moment) -> Self {
        App {
            model: Model::new(settings, moment),
            kit: Kit::new(metrics),
            finger: Finger::default(),
            clicked: None,
            scene: Scene::default(),
            glyphs: Glyphs::default(),
            frame: Frame::new(metrics.size),
            aloud: Aloud::default(),
            around: Around::default(),
        }
    }

    /// `felt`, on the clock of `moment.at`, is when the glass felt it: on a slow panel that is a while before it is looked at. How a finger
    /// moves is measured by it, so that two taps that have waited are not one that bounces; all else goes by `moment`.
    pub fn touch(&mut self, touch: Touch, felt: Duration, moment: Moment) -> Vec<Effect> {
        let slop = self.kit.metrics.px(SLOP);
        let gesture = self.finger.touch(touch, felt, slop, |at| self.scene.target(at));
        let input = match gesture {
            Gesture::Click(press) if !self.was_for_the_page_before(touch, felt) => Input::Click(press),
            _ => Input::Touched,
        };
        self.model.update(input, moment)
    }

    /// See [`SETTLE`].
    fn was_for_the_page_before(&mut self, touch: Touch, felt: Duration) -> bool {
        let settles = self.model.turned.is_some_and(|turned| felt.saturating_sub(turned) < SETTLE);
        self.same_place(touch) && settles
    }

    /// Whether this touch ended where the click before it did.
    fn same_place(&mut self, touch: Touch) -> bool {
        let Touch::Up(at) = touch else { return false };
        let near = self.kit.metrics.px(SAME_PLACE);
        let before = self.clicked.replace(at);
        before.is_some_and(|before| (at.x - before.x).abs() <= near && (at.y - before.y).abs() <= near)
    }

    /// Time has passed, the desk has answered, or the directory has changed.
    pub fn update(&mut self, input: Input, moment: Moment) -> Vec<Effect> {
        self.finger.watch(moment.at);
        self.model.update(input, moment)
    }

    /// Brings the picture up to date and says which parts of the frame have changed.
    pub fn draw(&mut self) -> Vec<Area> {
        let scene = self.preview();
        let damage = scene.damage(&self.scene);
        paint(&scene, &damage, self.kit.faces(self.model.language), &mut self.glyphs, &mut self.frame);
        self.scene = scene;
        damage
    }

    /// The picture as it would be now, without drawing it.
    pub fn preview(&self) -> Scene {
        let mut scene = view(&self.model, &self.finger, &self.kit);
        let (dx, dy) = rest(&self.model);
        scene.shift(dx, dy);
        scene
    }

    /// Brings up to date what answers a finger, without drawing.
    #[cfg(test)]
    pub fn look(&mut self) -> Vec<super::scene::Target> {
        self.scene = self.preview();
        self.scene.targets.clone()
    }

    pub fn scene(&self) -> &Scene {
        &self.scene
    }

    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// The case whose news the kiosk wants (see [`Model::watches`]).
    pub fn watches(&self) -> Option<Number> {
        self.model.watches()
    }

    /// Nobody is served: the home page shows, and no answer is waited for.
    pub fn is_at_rest(&self) -> bool {
        self.model.is_at_rest()
    }

    /// What is to be printed, drawn for this paper. Asked for after each answer, whether there is a printer or not.
    pub fn slip(&mut self, paper: Paper) -> Option<Raster> {
        let slip = self.model.take_slip()?;
        let pen = |language| Pen { words: self.kit.words(language), faces: self.kit.faces(language) };
        let (house, own) = (pen(slip.house()), pen(slip.language));
        let frame = slip.draw(self.model.lobby().settings, paper, [&house, &own], &mut self.glyphs);
        Some(Raster::of(&frame))
    }

    /// Reads the question on the glass aloud, where somebody wants to hear it.
    pub fn speak(&mut self, speech: &mut dyn Speech) {
        let night = is_night(self.model.local().hour());
        self.aloud.follow(&self.scene, self.model.language, self.model.loudness(), night, speech);
    }

    /// Tells lights and sounds what the glass wants of them.
    pub fn light(&mut self, surroundings: &mut dyn Surroundings) {
        self.around.follow(&mut self.model, surroundings);
    }

    /// When time alone will change something (see [`Model::wake`]).
    pub fn wake(&self) -> Duration {
        let wake = self.model.wake();
        self.finger.wake().map_or(wake, |stuck| wake.min(stuck))
    }

    /// Forgets every glyph picture: what a bench measures as a cold start.
    pub fn forget_glyphs(&mut self) {
        self.glyphs = Glyphs::default();
    }

    /// Forgets what is on the glass: the next picture is drawn whole.
    pub fn forget_picture(&mut self) {
        self.scene = Scene::default();
    }

    /// Draws everything again.
    pub fn redraw(&mut self) -> Vec<Area> {
        self.forget_picture();
        self.draw()
    }
}
