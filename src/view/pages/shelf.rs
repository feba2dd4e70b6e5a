//! The two pages of what is kept on the reader's device: what they asked to keep, and all that can be
//! read without a network.

use leptos::prelude::*;

use crate::route::Route;
use crate::view::desk::{Act, Desk, Kept, Screen};
use crate::view::markup::{Element, Markup, el, keyed, live};
use crate::view::parts::{Target, headline, link};
use crate::view::words;

pub fn shelf(desk: Desk, screen: &Screen) -> Element {
    let saved_alone = screen.route == Some(Route::ToRead);
    let site = screen.site.clone();
    let shown = move |kept: &&Kept| kept.saved || !saved_alone;
    let (what, empty) = if saved_alone {
        (words::TO_READ_WHAT, words::TO_READ_EMPTY)
    } else {
        (words::OFFLINE_WHAT, words::OFFLINE_EMPTY)
    };
    let act = desk.act;
    let rows = keyed(move || {
        let shelf = desk.shelf.read();
        let articles = shelf.articles.iter().filter(shown);
        let rows = articles.map(|kept| {
            let title = link(
                &Target::Page(kept.route.clone()),
                &site,
                kept.headline.clone(),
            );
            let route = kept.route.clone();
            let drop = kept.saved.then(|| {
                el("button")
                    .class("later")
                    .attr("type", "button")
                    .attr("aria-label", words::drop(&kept.headline))
                    .on_click(move || act(Act::Drop(route.clone())))
                    .child(words::DROP)
            });
            let row = el("li")
                .child(el("h2").child(title))
                .child(el("p").class("card-meta").child(kept.when.clone()))
                .child(drop);
            // One that is no longer saved is drawn anew, without its button.
            (format!("{} {}", kept.saved, kept.route), row)
        });
        rows.collect()
    });
    let none = live(move || {
        let shelf = desk.shelf.read();
        let none = !shelf.articles.iter().any(|kept| shown(&kept));
        Markup::from(none.then(|| el("p").class("empty").child(empty)))
    });
    el("div")
        .class("shelf")
        .child(headline(screen.heading()))
        .child(el("p").class("standfirst").child(what))
        .child(el("ul").child(rows))
        .child(none)
}
