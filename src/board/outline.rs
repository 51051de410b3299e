//! What the picture shows, in words: each part's role, name and place. The browser board gives it to screen
//! readers, and a test finds the button it wants to press in it.

use embedded_graphics::primitives::Rectangle;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Button,
    /// Where typed text stands. Its text is never part of the outline: it may be a name.
    Field,
    Heading,
    Text,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub role: Role,
    /// Stable name for programs, the same in every language: `home.visit`, `key.a`, `next`.
    pub id: String,
    /// What a person reads.
    pub label: String,
    pub place: Rectangle,
}

/// The whole screen. `screen` is its stable name, such as `visit.name`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    pub screen: String,
    /// BCP 47 tag of the language on the screen.
    pub language: String,
    pub parts: Vec<Part>,
}
