//! stub
use super::case::Objection;
use super::contact::Text;
pub fn passes(_: &Text) -> Result<(), Objection> {
    Ok(())
}
