//! The latest items of a section, beside an article, and the button behind which new ones wait.
//! The region keeps its height while it is on its way, so that what follows does not move.

use std::sync::Arc;

use leptos::prelude::*;

use super::{card::label, link::item_link, time};
use crate::content::{Item, Site, Slug};
use crate::view::desk::{Act, Desk, More};
use crate::view::markup::{Element, Markup, el, keyed, live};
use crate::view::words;

/// How many items there are at most.
const ITEMS: usize = 6;

/// The region "Dernières actualités", without the article `own`, which is being read.
pub fn latest(desk: Desk, site: Arc<Site>, section: Option<String>, own: Slug) -> Element {
    let items = keyed(move || {
        let list = desk.list.read();
        let items = list.items.iter();
        items
            .filter(|item| item.manchette.slug.as_ref() != Some(&own))
            .take(ITEMS)
            .map(|item| (item.id.clone(), feed_item(item, &site)))
            .collect()
    });
    let heading = el("h2")
        .attr("id", "dernieres")
        .child(words::LATEST)
        .child(" ")
        .child(section.map(|title| el("span").child(title)));
    el("section")
        .class("latest")
        .attr("aria-labelledby", "dernieres")
        .child(heading)
        .child(fresh_button(desk))
        .child(el("ol").class("feed").child(items))
        .child(empty(desk))
}

fn feed_item(item: &Item, site: &Site) -> Element {
    // Only the kicker labels an item here: the section is in the region's name.
    let label = label(item, site, item.manchette.section.as_ref());
    let date = item.date_published.as_ref();
    el("li")
        .class("feed-item")
        .child(label.map(|label| el("p").class("kicker").child(label)))
        .child(el("h3").class("card-title").child(item_link(item, site)))
        .child(date.map(|date| el("p").class("card-meta").child(time(date))))
}

/// What stands in the place of a list that has no items: on its way, not to be had, or empty.
pub fn empty(desk: Desk) -> Markup {
    let act = desk.act;
    let state = Memo::new(move |_| {
        let list = desk.list.read();
        list.items.is_empty().then(|| list.more.clone())
    });
    live(move || {
        Some(match state.get()? {
            More::Idle => el("p").class("empty").child(words::EMPTY),
            More::Loading => el("div")
                .class("feed-waiting")
                .attr("aria-busy", "true")
                .child(el("div").class("bone")),
            More::Failed(trouble) => el("div")
                .class("feed-trouble")
                .attr("role", "alert")
                .child(el("p").child(format!(
                    "{} {}",
                    words::LIST_TROUBLE,
                    words::trouble(&trouble)
                )))
                .child(
                    el("button")
                        .class("button button-quiet")
                        .attr("type", "button")
                        .on_click(move || act(Act::RetryList))
                        .child(words::RETRY),
                ),
        })
    })
}

/// "2 nouveaux articles": nothing jumps until the reader asks.
pub fn fresh_button(desk: Desk) -> Markup {
    let act = desk.act;
    let count = Memo::new(move |_| desk.list.read().fresh.len());
    live(move || {
        let count = count.get();
        (count > 0).then(|| {
            let button = el("button")
                .class("button")
                .attr("type", "button")
                .on_click(move || act(Act::ShowFresh))
                .child(words::new_items(count));
            el("p").class("fresh").child(button)
        })
    })
}
