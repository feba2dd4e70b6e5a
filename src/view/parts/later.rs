//! The button that keeps an article for later, or no longer. Works where the browser can keep one;
//! elsewhere the style sheet leaves it out.

use leptos::prelude::*;

use crate::route::Route;
use crate::view::desk::{Act, Desk};
use crate::view::markup::{Element, el, live};
use crate::view::words;

/// The button for the article at `route`; with its headline where several are in view.
pub fn later(desk: Desk, route: Route, headline: Option<&str>) -> Element {
    let act = desk.act;
    let (named, wanted) = (route.clone(), route.clone());
    // What the worker has changes often, and this hardly ever. (Not a Memo: that of a card would end
    // with the first change of the list that the card stands in, and leave the card deaf.)
    let refused = ArcMemo::new(move |_| desk.shelf.read().refused.as_ref() == Some(&named));
    el("button")
        .class("later")
        .attr("type", "button")
        .attr("aria-label", headline.map(words::later))
        .live_attr("aria-pressed", move || {
            Some(desk.shelf.read().has_saved(&route).to_string())
        })
        .on_click(move || {
            let saved = desk.shelf.read_untracked().has_saved(&wanted);
            let wish = if saved { Act::Drop } else { Act::Save };
            act(wish(wanted.clone()));
        })
        .child(live(move || {
            if refused.get() {
                words::LATER_REFUSED
            } else {
                words::LATER
            }
        }))
}
