//! The guards' page from outside: who gets in, what he sees and may do, what is journaled before he sees it, and what a
//! flood, a slow reader and a restart do to it. A real server on a free port; no browser is needed.

#[path = "../common/mod.rs"]
mod common;

mod commanded;
mod crowd;
mod daemon;
mod encrypted;
mod gate;
mod gather;
mod handbook;
mod line;
mod offers;
mod records;
mod sign_in;
mod surveys;
