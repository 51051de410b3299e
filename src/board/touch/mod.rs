//! A touch panel with a kernel driver: found by the name in the board file (`plug`), grabbed, read on a thread of its own, and
//! looked for again when it goes and comes back.

mod calibration;
mod contacts;
mod fit;

pub use calibration::{Calibration, Range};
pub use fit::{Fit, Refusal, Step, Taps, UNITS, cross, crosses};

use super::plug::{self, Plug};
use super::queue::TouchQueue;
use super::{BoardError, Touch};
use contacts::{Contacts, Gesture, SLOTS, Told};
use embedded_graphics::prelude::Size;
use evdev::raw_stream::RawDevice;
use evdev::{AbsoluteAxisCode, AttributeSetRef, EventSummary, InputEvent, KeyCode, SynchronizationCode};
use std::io;
use std::os::fd::AsRawFd;
use std::sync::mpsc::Receiver;

/// The panel of the board file.
#[derive(Debug, Clone)]
pub struct Panel {
    /// Part of the device's name in the kernel.
    pub name: String,
    pub matrix: [f32; 6],
    /// The picture, after its rotation.
    pub picture: Size,
}

impl Panel {
    /// Reads the panel for as long as somebody listens. One that is not there yet is waited for.
    pub fn listen(self) -> Result<Receiver<Touch>, BoardError> {
        let (mut touches, received) = TouchQueue::new();
        let plug = Plug { what: "touch panel", name: self.name.clone(), fits: is_panel };
        plug.follow(move |device| {
            let error = self.read(device, &mut touches);
            touches.send(Touch::Cancel);
            error
        })?;
        Ok(received)
    }

    /// Reads until the device goes; gives why.
    fn read(&self, mut device: RawDevice, touches: &mut TouchQueue) -> io::Error {
        // Else the text console hears the finger as a mouse. Not worth failing for.
        if let Err(error) = device.grab() {
            tracing::warn!(panel = self.name, %error, "the touch panel cannot be had alone");
        }
        let Some((axis_x, axis_y)) = axes(&device) else {
            return io::Error::other("it tells no place");
        };
        let calibration = match self.calibration(&device, axis_x, axis_y) {
            Ok(calibration) => calibration,
            Err(error) => return error,
        };
        let mut contacts = Contacts::default();
        loop {
            let told: Vec<Told> = match device.fetch_events() {
                Ok(events) => events.filter_map(|event| told(event, axis_x, axis_y)).collect(),
                Err(error) => return error,
            };
            for told in told {
                if contacts.is_lost(told) {
                    let (down, slot) = match present(&device) {
                        Ok(present) => present,
                        Err(error) => return error,
                    };
                    contacts.resume(down, slot);
                    continue;
                }
                if let Some(gesture) = contacts.feed(told) {
                    touches.send(touch(gesture, &calibration));
                }
            }
        }
    }

    fn calibration(&self, device: &RawDevice, x: AbsoluteAxisCode, y: AbsoluteAxisCode) -> io::Result<Calibration> {
        let state = device.get_abs_state()?;
        let range = |axis: AbsoluteAxisCode| {
            let info = &state[usize::from(axis.0)];
            Range { least: info.minimum, most: info.maximum }
        };
        Ok(Calibration { x: range(x), y: range(y), matrix: self.matrix, picture: self.picture })
    }
}

/// The names of all devices of which `Panel::listen` would take the one that the board file names.
pub fn probe() -> Vec<String> {
    plug::names(is_panel)
}

/// Whether a device of the right name is the panel. INPUT_PROP_DIRECT is not asked for: the driver of most resistive panels
/// (drivers/input/touchscreen/ads7846.c) has never set it.
fn is_panel(device: &RawDevice) -> bool {
    axes(device).is_some()
}

fn axes(device: &RawDevice) -> Option<(AbsoluteAxisCode, AbsoluteAxisCode)> {
    device.supported_absolute_axes().and_then(finger)
}

/// The axes of a finger: those of protocol B, or those of a panel that knows one finger only.
fn finger(axes: &AttributeSetRef<AbsoluteAxisCode>) -> Option<(AbsoluteAxisCode, AbsoluteAxisCode)> {
    let pairs = [
        (AbsoluteAxisCode::ABS_MT_POSITION_X, AbsoluteAxisCode::ABS_MT_POSITION_Y),
        (AbsoluteAxisCode::ABS_X, AbsoluteAxisCode::ABS_Y),
    ];
    pairs.into_iter().find(|(x, y)| axes.contains(*x) && axes.contains(*y))
}

fn told(event: InputEvent, x: AbsoluteAxisCode, y: AbsoluteAxisCode) -> Option<Told> {
    let many = x == AbsoluteAxisCode::ABS_MT_POSITION_X;
    Some(match event.destructure() {
        EventSummary::Synchronization(_, SynchronizationCode::SYN_REPORT, _) => Told::Report,
        EventSummary::Synchronization(_, SynchronizationCode::SYN_DROPPED, _) => Told::Dropped,
        EventSummary::AbsoluteAxis(_, axis, value) if axis == x => Told::X(value),
        EventSummary::AbsoluteAxis(_, axis, value) if axis == y => Told::Y(value),
        EventSummary::AbsoluteAxis(_, AbsoluteAxisCode::ABS_MT_SLOT, value) if many => Told::Slot(value),
        EventSummary::AbsoluteAxis(_, AbsoluteAxisCode::ABS_MT_TRACKING_ID, value) if many => Told::Tracking(value),
        // A panel of one finger says with a button that it is there.
        EventSummary::Key(_, KeyCode::BTN_TOUCH, value) if !many => Told::Tracking(if value == 0 { -1 } else { 0 }),
        _ => return None,
    })
}

fn touch(gesture: Gesture, calibration: &Calibration) -> Touch {
    match gesture {
        Gesture::Down(x, y) => Touch::Down(calibration.pixel(x, y)),
        Gesture::Move(x, y) => Touch::Move(calibration.pixel(x, y)),
        Gesture::Up(x, y) => Touch::Up(calibration.pixel(x, y)),
        Gesture::Cancel => Touch::Cancel,
    }
}

/// Which contacts lie on the panel now, and the slot of which the next event tells. Asked after events were lost: the kernel
/// tells only what changes.
fn present(device: &RawDevice) -> io::Result<([bool; SLOTS], i32)> {
    if axes(device).is_some_and(|(x, _)| x == AbsoluteAxisCode::ABS_X) {
        let mut down = [false; SLOTS];
        down[0] = device.get_key_state()?.contains(KeyCode::BTN_TOUCH);
        return Ok((down, 0));
    }
    let slot = device.get_abs_state()?[usize::from(AbsoluteAxisCode::ABS_MT_SLOT.0)].value;
    // struct { __u32 code; __s32 values[]; } of linux/input.h, filled by EVIOCGMTSLOTS.
    let mut request = [0i32; 1 + SLOTS];
    request[0] = i32::from(AbsoluteAxisCode::ABS_MT_TRACKING_ID.0);
    let read_slots = libc::_IOR::<[i32; 1 + SLOTS]>(u32::from(b'E'), 0x0a);
    // SAFETY: the kernel writes at most the size that the request's number names, which is that of the array.
    let done = unsafe { libc::ioctl(device.as_raw_fd(), read_slots, request.as_mut_ptr()) };
    if done < 0 {
        return Err(io::Error::last_os_error());
    }
    // A slot that the device does not have keeps the 0 of the array, which would be a contact.
    let slots = usize::try_from(device.get_abs_state()?[usize::from(AbsoluteAxisCode::ABS_MT_SLOT.0)].maximum)
        .map_or(SLOTS, |last| SLOTS.min(last + 1));
    let mut down = [false; SLOTS];
    for (down, id) in down[..slots].iter_mut().zip(&request[1..]) {
        *down = *id >= 0;
    }
    Ok((down, slot))
}

#[cfg(test)]
mod tests {
    use super::*;
    use evdev::{AttributeSet, EventType};

    /// ABS_X, ABS_Y, ABS_PRESSURE, BTN_TOUCH and no property at all: drivers/input/touchscreen/ads7846.c.
    #[test]
    fn a_resistive_panel_that_does_not_say_that_it_is_one_is_read() {
        let axes: AttributeSet<AbsoluteAxisCode> =
            [AbsoluteAxisCode::ABS_X, AbsoluteAxisCode::ABS_Y, AbsoluteAxisCode::ABS_PRESSURE].into_iter().collect();
        let (x, y) = finger(&axes).unwrap();
        let mut contacts = Contacts::default();
        let mut feed = |kind: EventType, code: u16, value: i32| {
            told(InputEvent::new(kind.0, code, value), x, y).and_then(|told| contacts.feed(told))
        };
        feed(EventType::KEY, KeyCode::BTN_TOUCH.0, 1);
        feed(EventType::ABSOLUTE, AbsoluteAxisCode::ABS_X.0, 2000);
        feed(EventType::ABSOLUTE, AbsoluteAxisCode::ABS_Y.0, 1000);
        feed(EventType::ABSOLUTE, AbsoluteAxisCode::ABS_PRESSURE.0, 900);
        assert_eq!(feed(EventType::SYNCHRONIZATION, 0, 0), Some(Gesture::Down(2000, 1000)));
        feed(EventType::KEY, KeyCode::BTN_TOUCH.0, 0);
        feed(EventType::ABSOLUTE, AbsoluteAxisCode::ABS_PRESSURE.0, 0);
        assert_eq!(feed(EventType::SYNCHRONIZATION, 0, 0), Some(Gesture::Up(2000, 1000)));
    }

    #[test]
    fn a_mouse_is_no_panel() {
        assert!(finger(&AttributeSet::new()).is_none());
        let one: AttributeSet<AbsoluteAxisCode> = [AbsoluteAxisCode::ABS_X].into_iter().collect();
        assert!(finger(&one).is_none());
    }
}
