//! The company's rules as sentences, held against the desk and the guards' page: what people may do, and what follows. Forms and
//! steps are written as the page posts them. docs/service-rules.md names these tests; each was seen to fail with its rule broken.

#[path = "../common/mod.rs"]
mod common;

#[path = "../common/clockwork.rs"]
mod clockwork;

mod counter;
mod course;
mod crew;
mod intake;
mod page;
mod visitors;
