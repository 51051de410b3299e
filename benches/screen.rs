//! Milliseconds for a full redraw of each screen, with and without the glyph cache, and for one key press at 800×480 from
//! the touch to the finished frame (what a board then copies out). Medians; the machine's own clock.

use embedded_graphics::prelude::{Point, Size};
use lobbyd::board::Touch;
use lobbyd::event::Now;
use lobbyd::kiosk::{Language, Metrics, Moment, samples};
use std::time::{Duration, Instant};

/// Odd, so that the median is one of them.
const ROUNDS: usize = 31;
const PRESSES: usize = 301;

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1000.0
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn main() {
    // `cargo bench` says so; anything else only asks whether it runs.
    let rounds = if std::env::args().any(|arg| arg == "--bench") { ROUNDS } else { 1 };
    for (width, height, dpi) in [(800, 480, 133), (720, 1280, 208)] {
        let metrics = Metrics::new(Size::new(width, height), dpi);
        println!("full redraw at {width}x{height}, ms (median of {rounds})     cold    warm");
        for name in samples::names() {
            let mut app = samples::sample(name, Language::Chinese, metrics).expect("a name of the list");
            let cold = (0..rounds)
                .map(|_| {
                    app.forget_glyphs();
                    timed(|| drop(app.redraw()))
                })
                .collect();
            let warm = (0..rounds).map(|_| timed(|| drop(app.redraw()))).collect();
            println!("  {name:<42} {:>7.2} {:>7.2}", median(cold), median(warm));
        }
    }
    key_press();
}

/// One letter on the pinyin keys: finger down, the key darkens; finger up, the letter and its candidates stand there.
fn key_press() {
    let metrics = Metrics::new(Size::new(800, 480), 133);
    let mut app = samples::sample("visit.name", Language::Chinese, metrics).expect("a name of the list");
    let outline = app.scene().outline();
    let place = |id: &str| {
        let part = outline.parts.iter().find(|part| part.id == id).expect("the keys are on the screen");
        part.place.top_left + Point::new(part.place.size.width as i32 / 2, part.place.size.height as i32 / 2)
    };
    let (letter, backspace) = (place("key.w"), place("key.backspace"));
    let now = Now { utc: chrono::Utc::now(), synced: true };
    let (mut down, mut up) = (Vec::new(), Vec::new());
    for n in 0..PRESSES {
        let at = if n % 2 == 0 { letter } else { backspace };
        // Far from any timer of the kiosk, and later each time.
        let moment = Moment { now, at: Duration::from_secs(100) + Duration::from_millis(n as u64) };
        let mut play = |touch| {
            timed(|| {
                app.touch(touch, moment.at, moment);
                app.draw();
            })
        };
        down.push(play(Touch::Down(at)));
        up.push(play(Touch::Up(at)));
    }
    println!("one key press at 800x480, ms (median of {PRESSES})");
    println!("  finger down, key darkens                   {:>7.3}", median(down));
    println!("  finger up, letter and candidates           {:>7.3}", median(up));
}
