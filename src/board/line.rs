//! A GPIO line by the name that its wiring has in the device tree, such as `GPIO17`. Never by a number: the header of a Pi 5 was
//! gpiochip4 and became gpiochip0 in kernel 6.6.45 (raspberrypi/linux#6144). It finds a line and changes nothing on it.

use linux_embedded_hal::gpio_cdev::{self, Line};

#[derive(Debug, thiserror::Error)]
pub enum LineError {
    #[error("no GPIO line is called \"{0}\": `lobbyd board probe` lists the names; the user needs the group gpio")]
    Unknown(String),
    /// Two expanders of a kind give their lines the same names; a guess could switch the wrong relay.
    #[error("two GPIO chips have a line \"{name}\": {one} and {other}; one of them needs other names in its overlay")]
    Twice { name: String, one: String, other: String },
    #[error("GPIO line \"{name}\": {error}")]
    Refused { name: String, error: gpio_cdev::Error },
}

/// The one line of this name.
///
/// # Errors
/// When there is none, or when two chips have one.
pub fn find(name: &str) -> Result<Line, LineError> {
    let mut found: Option<Line> = None;
    for (line, chip) in all().filter_map(|(chip, line, called)| (called == name).then_some((line, chip))) {
        match &found {
            Some(one) if one.chip().name() != chip => {
                return Err(LineError::Twice { name: name.into(), one: one.chip().name().into(), other: chip });
            }
            // A Pi 5 links /dev/gpiochip4 to gpiochip0 for old programs: the same line once more.
            Some(_) => {}
            None => found = Some(line),
        }
    }
    found.ok_or_else(|| LineError::Unknown(name.to_owned()))
}

/// The lines that have a name, with their chip's.
fn all() -> impl Iterator<Item = (String, Line, String)> {
    // A chip that cannot be opened is not ours.
    let chips = gpio_cdev::chips().into_iter().flatten().flatten();
    chips.flat_map(|chip| {
        let named = |line: Line| line.info().ok()?.name().map(|name| (line.clone(), name.to_owned()));
        let name = chip.name().to_owned();
        chip.lines().filter_map(named).map(move |(line, called)| (name.clone(), line, called)).collect::<Vec<_>>()
    })
}

/// For `lobbyd board probe`: each chip's label and the names of its lines.
pub fn probe() -> Vec<(String, Vec<String>)> {
    let mut chips: Vec<_> = gpio_cdev::chips().into_iter().flatten().flatten().collect();
    chips.sort_by(|one, other| one.name().cmp(other.name()));
    chips.dedup_by(|one, other| one.name() == other.name());
    let names =
        |chip: &gpio_cdev::Chip| chip.lines().filter_map(|line| line.info().ok()?.name().map(str::to_owned)).collect();
    chips.iter().map(|chip| (chip.label().to_owned(), names(chip))).collect()
}
