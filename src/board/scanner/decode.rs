//! From key presses to a reading: the US layout that scanners leave the factory with. Pure: it is fed keys and their times. It
//! gives printable ASCII or nothing, and never holds more than one reading, whatever is plugged in.

use evdev::KeyCode;
use std::time::Duration;

/// A scanner types a key each 2 to 20 ms; a person is slower. After a pause of this length what comes is a new reading, and
/// what came before it was none.
pub const STALL: Duration = Duration::from_millis(50);

/// Characters of one reading. The longest code that means anything to the kiosk has 300; a longer text is none.
pub const MOST: usize = 512;

/// Least time between two readings that are told. A scanner held on a code tells it several times a second, a broken or a
/// wicked one a thousand times; the kiosk has a finger to follow, too.
pub const PAUSE: Duration = Duration::from_millis(500);

/// One event of the device, as far as a reading cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    Down(KeyCode),
    Up(KeyCode),
    /// What was told belongs together.
    Report,
    /// The kernel's queue ran over: keys are missing.
    Dropped,
}

/// A key and what it writes, alone and with shift.
const KEYS: [(KeyCode, u8, u8); 48] = [
    (KeyCode::KEY_1, b'1', b'!'),
    (KeyCode::KEY_2, b'2', b'@'),
    (KeyCode::KEY_3, b'3', b'#'),
    (KeyCode::KEY_4, b'4', b'$'),
    (KeyCode::KEY_5, b'5', b'%'),
    (KeyCode::KEY_6, b'6', b'^'),
    (KeyCode::KEY_7, b'7', b'&'),
    (KeyCode::KEY_8, b'8', b'*'),
    (KeyCode::KEY_9, b'9', b'('),
    (KeyCode::KEY_0, b'0', b')'),
    (KeyCode::KEY_A, b'a', b'A'),
    (KeyCode::KEY_B, b'b', b'B'),
    (KeyCode::KEY_C, b'c', b'C'),
    (KeyCode::KEY_D, b'd', b'D'),
    (KeyCode::KEY_E, b'e', b'E'),
    (KeyCode::KEY_F, b'f', b'F'),
    (KeyCode::KEY_G, b'g', b'G'),
    (KeyCode::KEY_H, b'h', b'H'),
    (KeyCode::KEY_I, b'i', b'I'),
    (KeyCode::KEY_J, b'j', b'J'),
    (KeyCode::KEY_K, b'k', b'K'),
    (KeyCode::KEY_L, b'l', b'L'),
    (KeyCode::KEY_M, b'm', b'M'),
    (KeyCode::KEY_N, b'n', b'N'),
    (KeyCode::KEY_O, b'o', b'O'),
    (KeyCode::KEY_P, b'p', b'P'),
    (KeyCode::KEY_Q, b'q', b'Q'),
    (KeyCode::KEY_R, b'r', b'R'),
    (KeyCode::KEY_S, b's', b'S'),
    (KeyCode::KEY_T, b't', b'T'),
    (KeyCode::KEY_U, b'u', b'U'),
    (KeyCode::KEY_V, b'v', b'V'),
    (KeyCode::KEY_W, b'w', b'W'),
    (KeyCode::KEY_X, b'x', b'X'),
    (KeyCode::KEY_Y, b'y', b'Y'),
    (KeyCode::KEY_Z, b'z', b'Z'),
    (KeyCode::KEY_MINUS, b'-', b'_'),
    (KeyCode::KEY_EQUAL, b'=', b'+'),
    (KeyCode::KEY_LEFTBRACE, b'[', b'{'),
    (KeyCode::KEY_RIGHTBRACE, b']', b'}'),
    (KeyCode::KEY_BACKSLASH, b'\\', b'|'),
    (KeyCode::KEY_SEMICOLON, b';', b':'),
    (KeyCode::KEY_APOSTROPHE, b'\'', b'"'),
    (KeyCode::KEY_GRAVE, b'`', b'~'),
    (KeyCode::KEY_COMMA, b',', b'<'),
    (KeyCode::KEY_DOT, b'.', b'>'),
    (KeyCode::KEY_SLASH, b'/', b'?'),
    (KeyCode::KEY_SPACE, b' ', b' '),
];

const SHIFTS: [KeyCode; 2] = [KeyCode::KEY_LEFTSHIFT, KeyCode::KEY_RIGHTSHIFT];

/// What is typed while one of these is held is a command, no text.
const COMMANDS: [KeyCode; 6] = [
    KeyCode::KEY_LEFTCTRL,
    KeyCode::KEY_RIGHTCTRL,
    KeyCode::KEY_LEFTALT,
    KeyCode::KEY_RIGHTALT,
    KeyCode::KEY_LEFTMETA,
    KeyCode::KEY_RIGHTMETA,
];

const ENDS: [KeyCode; 3] = [KeyCode::KEY_ENTER, KeyCode::KEY_KPENTER, KeyCode::KEY_TAB];

/// One scanner.
#[derive(Default)]
pub struct Decoder {
    text: String,
    /// Keys are missing, or there were too many: nothing counts until the end of this reading.
    spoilt: bool,
    /// Since keys were lost, until the next report.
    deaf: bool,
    /// Which of [`SHIFTS`] and of [`COMMANDS`] are held.
    shifts: [bool; SHIFTS.len()],
    commands: [bool; COMMANDS.len()],
    /// When the last key went down, and when a reading was last told.
    last: Option<Duration>,
    told: Option<Duration>,
}

impl Decoder {
    /// What this event completes, if anything. `at`: the kernel's time; a clock that is set back is a pause.
    pub fn feed(&mut self, told: Told, at: Duration) -> Option<String> {
        match told {
            Told::Dropped => self.lose(),
            Told::Report => self.deaf = false,
            _ if self.deaf => {}
            Told::Up(key) => _ = self.hold(key, false),
            Told::Down(key) => {
                let pause = self.last.replace(at).map(|last| at.checked_sub(last));
                if pause.is_some_and(|pause| pause.is_none_or(|pause| pause > STALL)) {
                    self.begin();
                }
                if ENDS.contains(&key) {
                    return self.end(at);
                }
                if !self.hold(key, true) {
                    self.write(key);
                }
            }
        }
        None
    }

    /// Which keys are held is not known any more either.
    fn lose(&mut self) {
        (self.deaf, self.spoilt) = (true, true);
        (self.shifts, self.commands) = Default::default();
        self.text.clear();
    }

    fn begin(&mut self) {
        self.spoilt = false;
        self.text.clear();
    }

    /// Whether this key is one that is held.
    fn hold(&mut self, key: KeyCode, down: bool) -> bool {
        let (shifts, commands) = (&mut self.shifts, &mut self.commands);
        let held = SHIFTS.iter().zip(shifts).chain(COMMANDS.iter().zip(commands)).find(|(each, _)| **each == key);
        held.map(|(_, held)| *held = down).is_some()
    }

    fn write(&mut self, key: KeyCode) {
        let Some((_, plain, shifted)) = KEYS.iter().find(|(each, ..)| *each == key) else { return };
        if self.spoilt || self.commands.contains(&true) {
            return;
        }
        if self.text.len() == MOST {
            self.spoilt = true;
            return self.text.clear();
        }
        self.text.push(char::from(if self.shifts.contains(&true) { *shifted } else { *plain }));
    }

    fn end(&mut self, at: Duration) -> Option<String> {
        let text = std::mem::take(&mut self.text);
        if std::mem::take(&mut self.spoilt) || text.is_empty() {
            return None;
        }
        if self.told.and_then(|told| at.checked_sub(told)).is_some_and(|since| since < PAUSE) {
            return None;
        }
        self.told = Some(at);
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::Told::{Down, Dropped, Report, Up};
    use super::*;
    use proptest::prelude::*;

    const ENTER: KeyCode = KeyCode::KEY_ENTER;

    /// A scanner that types a key each `pace`, beginning at `from`.
    struct Typist {
        decoder: Decoder,
        at: Duration,
        pace: Duration,
    }

    impl Typist {
        fn new(pace: u64) -> Self {
            Typist {
                decoder: Decoder::default(),
                at: Duration::from_secs(1_795_000_000),
                pace: Duration::from_millis(pace),
            }
        }

        fn tell(&mut self, told: Told) -> Option<String> {
            self.at += self.pace / 4;
            self.decoder.feed(told, self.at)
        }

        fn press(&mut self, key: KeyCode) -> Option<String> {
            [Down(key), Report, Up(key), Report].into_iter().filter_map(|told| self.tell(told)).last()
        }

        fn write(&mut self, text: &str) {
            for c in text.bytes() {
                let (key, plain, _) = KEYS.iter().find(|(_, plain, shifted)| [*plain, *shifted].contains(&c)).unwrap();
                if *plain != c {
                    self.tell(Down(KeyCode::KEY_LEFTSHIFT));
                }
                assert_eq!(self.press(*key), None);
                if *plain != c {
                    self.tell(Up(KeyCode::KEY_LEFTSHIFT));
                }
            }
        }

        fn scan(&mut self, text: &str) -> Option<String> {
            self.write(text);
            self.press(ENTER)
        }

        fn wait(&mut self, time: Duration) {
            self.at += time;
        }
    }

    #[test]
    fn every_character_of_the_layout_comes_as_it_is_printed() {
        let printable: String = (b' '..=b'~').map(char::from).collect();
        let mut scanner = Typist::new(8);
        assert_eq!(scanner.scan(&printable), Some(printable));
        scanner.wait(PAUSE);
        scanner.write("V-1121-07");
        assert_eq!(scanner.press(KeyCode::KEY_TAB).as_deref(), Some("V-1121-07"), "Tab ends it too");
    }

    #[test]
    fn a_person_at_a_keyboard_is_no_scanner() {
        let mut person = Typist::new(120);
        assert_eq!(person.scan("V-1121-07"), None);
    }

    #[test]
    fn a_reading_that_stalled_is_none_and_the_next_one_counts() {
        let mut scanner = Typist::new(8);
        scanner.write("V-11");
        scanner.wait(STALL);
        assert_eq!(scanner.scan("R-1121-07").as_deref(), Some("R-1121-07"));
    }

    #[test]
    fn a_clock_that_is_set_back_costs_one_reading_at_most() {
        let mut scanner = Typist::new(8);
        assert!(scanner.scan("V-1121-07").is_some());
        scanner.write("V-11");
        scanner.at -= Duration::from_secs(3_600);
        assert_eq!(scanner.scan("R-1121-07").as_deref(), Some("R-1121-07"));
    }

    #[test]
    fn keys_that_were_lost_throw_the_reading_away_and_a_shift_that_hung_is_let_go() {
        let mut scanner = Typist::new(8);
        scanner.tell(Down(KeyCode::KEY_LEFTSHIFT));
        scanner.write("V-11");
        assert_eq!([Dropped, Down(KeyCode::KEY_2), Report].map(|told| scanner.tell(told)), [None, None, None]);
        assert_eq!(scanner.scan("21-07"), None);
        assert_eq!(scanner.scan("v-1121-07").as_deref(), Some("v-1121-07"));
    }

    #[test]
    fn what_is_no_text_is_left_out() {
        let mut scanner = Typist::new(8);
        scanner.write("AB");
        for key in [KeyCode::KEY_F5, KeyCode::KEY_DELETE, KeyCode::KEY_VOLUMEUP, KeyCode::KEY_CAPSLOCK] {
            scanner.press(key);
        }
        scanner.tell(Down(KeyCode::KEY_LEFTCTRL));
        scanner.press(KeyCode::KEY_C);
        scanner.tell(Up(KeyCode::KEY_LEFTCTRL));
        assert_eq!(scanner.scan("12").as_deref(), Some("AB12"));
    }

    #[test]
    fn a_text_without_an_end_costs_nothing_and_its_rest_is_no_reading() {
        let mut scanner = Typist::new(8);
        (0..100_000).for_each(|_| drop(scanner.press(KeyCode::KEY_A)));
        assert!(scanner.decoder.text.is_empty());
        assert_eq!(scanner.press(ENTER), None);
        assert_eq!(scanner.scan("V-1121-07").as_deref(), Some("V-1121-07"));
    }

    #[test]
    fn a_scanner_that_is_held_on_a_code_tells_it_twice_a_second() {
        let mut scanner = Typist::new(1);
        let began = scanner.at;
        let mut told = 0;
        while scanner.at - began < Duration::from_secs(10) {
            told += usize::from(scanner.scan("AB").is_some());
        }
        assert_eq!(told, 20);
    }

    proptest! {
        #[test]
        fn a_text_typed_within_the_pace_comes_whole(text in "[ -~]{1,512}", pace in 1u64..20) {
            prop_assert_eq!(Typist::new(pace).scan(&text), Some(text));
        }

        /// Any keys at any times, also those that no keyboard has.
        #[test]
        fn whatever_is_typed_gives_printable_text_bounded_in_length_and_in_pace(
            keys in prop::collection::vec((0u8..4, 0u16..0x300, 0u64..70), 0..3_000),
        ) {
            let (mut decoder, mut at) = (Decoder::default(), Duration::from_secs(9));
            let mut last: Option<Duration> = None;
            for (kind, code, after) in keys {
                at += Duration::from_millis(after);
                // Half of the keys are of the main block, or no reading would ever come.
                let key = KeyCode(if code < 0x200 { code % 60 } else { code });
                let told = match kind {
                    0 if code % 97 == 0 => Dropped,
                    0 => Report,
                    1 => Up(key),
                    _ => Down(key),
                };
                if let Some(reading) = decoder.feed(told, at) {
                    prop_assert!((1..=MOST).contains(&reading.len()));
                    prop_assert!(reading.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
                    prop_assert!(last.is_none_or(|last| at - last >= PAUSE));
                    last = Some(at);
                }
                prop_assert!(decoder.text.len() <= MOST);
            }
        }
    }
}
