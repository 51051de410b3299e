//! Printers of software.
pub enum Behaviour {}
pub struct Machine;
