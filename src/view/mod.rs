//! What a reader sees: data in, markup out, the same in the browser and on the publisher's machine.
//! Reads signals and says what the reader asked for (`Act`); never touches the browser itself.

mod desk;
pub mod markup;
mod pages;
mod parts;
mod shell;
pub(crate) mod words;

pub use desk::{Act, Desk, Kept, List, More, Page, Screen, Shelf};
pub use parts::Target;
pub use shell::app;
