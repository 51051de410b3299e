//! The pictures on the buttons: glyphs of the icon font, by the names of Material Symbols. A picture never stands
//! without a word beside it, except on keys.

use std::collections::HashMap;
use std::sync::LazyLock;

const LIST: &str = include_str!("../../assets/fonts/icons.txt");

static CODES: LazyLock<HashMap<&'static str, char>> = LazyLock::new(|| {
    let pairs = LIST.lines().filter_map(|line| line.split_once(' '));
    pairs.filter_map(|(name, hex)| Some((name, char::from_u32(u32::from_str_radix(hex.trim(), 16).ok()?)?))).collect()
});

macro_rules! icons {
    ($($variant:ident = $name:literal),+ $(,)?) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Icon { $($variant),+ }

        impl Icon {
            #[cfg(test)]
            const ALL: &'static [Icon] = &[$(Icon::$variant),+];

            const fn name(self) -> &'static str {
                match self { $(Icon::$variant => $name),+ }
            }
        }
    };
}

icons! {
    Back = "arrow_back",
    Help = "support_agent",
    Emergency = "emergency",
    Language = "translate",
    Larger = "text_increase",
    Smaller = "text_decrease",
    Contrast = "contrast",
    Aloud = "volume_up",
    Silent = "volume_off",
    Visit = "person_raised_hand",
    Repair = "home_repair_service",
    Services = "manage_search",
    SignOut = "logout",
    Forward = "chevron_right",
    Backspace = "backspace",
    Shift = "shift",
    More = "expand_more",
    Friends = "group",
    Delivery = "local_shipping",
    Work = "engineering",
    Viewing = "real_estate_agent",
    Business = "work",
    Other = "more_horiz",
    Home = "home",
    Apartment = "apartment",
    Lobby = "concierge",
    Lift = "elevator",
    Stairs = "stairs",
    Garage = "garage",
    Garden = "yard",
    Water = "water_drop",
    Power = "bolt",
    Light = "lightbulb",
    Cooling = "mode_cool",
    Door = "door_front",
    Intercom = "doorbell_3p",
    Soon = "schedule",
    Day = "wb_sunny",
    Night = "bedtime",
    Tomorrow = "event",
    Edit = "edit",
    Done = "check_circle",
    Seat = "weekend",
    Call = "call",
    Waiting = "hourglass_top",
    Trouble = "info",
    Private = "lock",
    Complaint = "campaign",
    Security = "security",
    Cleaning = "delete",
    Noise = "volume_up",
    Charges = "receipt_long",
    Favours = "front_hand",
    Notice = "campaign",
    Assembly = "groups",
    Surroundings = "location_on",
    Handbook = "assignment",
    Question = "help",
    Search = "search",
    Chase = "notifications_active",
    Withdraw = "undo",
    Delighted = "sentiment_very_satisfied",
    Satisfied = "sentiment_satisfied",
    Neutral = "sentiment_neutral",
    Dissatisfied = "sentiment_dissatisfied",
    Unhappy = "sentiment_sad",
    Household = "room_service",
    Mail = "mail",
    Car = "directions_car",
    Tools = "handyman",
    Parcel = "inventory_2",
    Hospital = "local_hospital",
    Care = "favorite",
    Key = "key",
    Pass = "inventory_2",
}

impl Icon {
    /// The code point in the icon font.
    pub fn glyph(self) -> char {
        CODES.get(self.name()).copied().unwrap_or('\0')
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kiosk::glyphs::{Face, Faces};

    #[test]
    fn the_icon_font_has_every_icon() {
        let faces = Faces::default();
        for icon in Icon::ALL {
            assert_ne!(icon.glyph(), '\0', "{icon:?}");
            assert!(faces.get(Face::Icons).advance(icon.glyph()) > 0.9, "{icon:?}");
        }
    }
}
