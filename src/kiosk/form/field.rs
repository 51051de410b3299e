//! What is typed into a form: which keys it takes, and whether it reads as what it is for.

use crate::kiosk::ask::{Ask, TAIL};
use crate::kiosk::language::Language;
use crate::kiosk::screens::Lobby;
use crate::kiosk::strings::Say;
use crate::service::delivery::ParcelCode;
use crate::service::identity::IdentityNumber;
use crate::service::invitation::InvitationCode;

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// A unit of this building (R011).
    Unit,
    Name,
    Phone,
    /// The last four digits of a phone, or the six of an invitation.
    Leave,
    /// Of a parcel: letters and digits.
    Code,
    /// Of an identity card (GB 11643).
    Identity,
    /// Free text.
    Text,
    /// Free text; nothing is an answer, too.
    TextOrNothing,
}

impl Field {
    /// Nothing typed yet.
    pub(super) fn ask(self, language: Language) -> Ask {
        match self {
            Field::Unit => Ask::unit(),
            Field::Name => Ask::name(language),
            Field::Phone => Ask::phone(),
            Field::Leave => Ask::invitation(),
            Field::Code => Ask::code(),
            Field::Identity => Ask::identity(),
            Field::Text | Field::TextOrNothing => Ask::detail(language),
        }
    }

    /// Whether the field reads as what it is for (R220: the wish asks again and blames nobody).
    pub(super) fn clear(self, ask: &mut Ask, lobby: &Lobby) -> Result<(), Say> {
        match self {
            Field::Unit => {
                let unit = ask.as_unit()?;
                // The wish never names another unit (R309).
                let unknown = lobby.units.is_some_and(|units| !units.contains(&unit));
                if unknown { Err(Say::UnitUnknown) } else { Ok(()) }
            }
            Field::Name => ask.as_name().map(drop),
            Field::Phone => ask.as_phone().map(drop),
            Field::Leave if [TAIL, InvitationCode::DIGITS].contains(&ask.text().len()) => Ok(()),
            Field::Leave => Err(Say::SignOutDigits),
            Field::Code => ParcelCode::parse(ask.text()).map(drop).map_err(|_| Say::CodeAgain),
            Field::Identity => IdentityNumber::parse(ask.text()).map(drop).ok_or(Say::IdentityAgain),
            Field::Text => ask.as_text()?.map(drop).ok_or(Say::TextAgain),
            Field::TextOrNothing => ask.as_text().map(drop),
        }
    }
}
