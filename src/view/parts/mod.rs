//! The pieces that pages are made of, each a function from data to markup.
//! Nothing here knows which page it stands on.

mod body;
mod byline;
pub mod card;
mod figure;
mod later;
mod latest;
mod link;
mod text_size;

pub use body::body;
pub use byline::{byline, time};
pub use figure::{figure, picture};
pub use later::later;
pub use latest::{empty, fresh_button, latest};
pub use link::{Target, href, link};
pub use text_size::text_size;

use super::markup::{Element, Markup, el};

/// The page's headline. It can take the focus, so that who listens hears it when the page changes.
pub fn headline(text: impl Into<Markup>) -> Element {
    el("h1").attr("tabindex", "-1").child(text)
}
