//! The pages that are shown when there is no other: not here, not this time.
//! Each says what happened and what the reader can do.

use crate::content::{Site, Trouble};
use crate::route::Route;
use crate::view::desk::{Act, Desk};
use crate::view::markup::{Element, el};
use crate::view::parts::{headline, href};
use crate::view::words;

pub fn not_found(site: &Site) -> Element {
    el("div")
        .class("notice-page")
        .child(headline(words::NOT_FOUND))
        .child(el("p").child(words::NOT_FOUND_WHY))
        .child(el("p").child(way("button", &Route::HOME, words::BACK_HOME, site)))
}

pub fn trouble(desk: Desk, site: &Site, what: &Trouble) -> Element {
    let act = desk.act;
    let retry = el("button")
        .class("button")
        .attr("type", "button")
        .on_click(move || act(Act::Retry))
        .child(words::RETRY);
    el("div")
        .class("notice-page")
        .child(headline(words::PAGE_TROUBLE))
        .child(el("p").child(words::trouble(what)))
        .child(
            el("p")
                .class("ways-on")
                .child(retry)
                .child(way(
                    "button button-quiet",
                    &Route::Offline,
                    words::OFFLINE,
                    site,
                ))
                .child(way(
                    "button button-quiet",
                    &Route::HOME,
                    words::BACK_HOME,
                    site,
                )),
        )
}

/// A way on that looks like a button.
fn way(class: &'static str, route: &Route, name: &'static str, site: &Site) -> Element {
    el("a")
        .class(class)
        .attr("href", href(route, site))
        .child(name)
}
