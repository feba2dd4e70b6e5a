//! The home page, a section's front and the archive pages: a lead item, then the list.
//! The list grows in place; the address stays, and the pager is a real link to the older page.

use std::sync::Arc;

use leptos::prelude::*;

use crate::content::{Href, Site};
use crate::route::Route;
use crate::view::desk::{Act, Desk, More, Screen};
use crate::view::markup::{Element, Markup, el, keyed, live};
use crate::view::parts::{card, empty, fresh_button, headline, href};
use crate::view::words;

/// A list that was longer than this at its end says that there is no more.
const LONG: usize = 12;

pub fn front(desk: Desk, screen: &Screen) -> Element {
    let site = screen.site.clone();
    let route = screen.route.clone().unwrap_or(Route::HOME);
    let archive = matches!(route, Route::Archive(..));
    let own_section = route.section().cloned();
    let cards = keyed(move || {
        let list = desk.list.read();
        let cards = list.items.iter().enumerate().map(|(index, item)| {
            let place = match index {
                // The first item of a newest list leads; an archive page has no lead.
                0 if !archive => card::Place::Lead,
                0..3 => card::Place::First,
                _ => card::Place::Later,
            };
            // A card that no longer leads is drawn anew.
            let lead = if place == card::Place::Lead { "!" } else { "" };
            let card = card::card(desk, item, &site, own_section.as_ref(), place);
            (format!("{lead}{}", item.id), card)
        });
        cards.collect()
    });
    el("div")
        .class("front")
        .child(headline(screen.heading()).class("front-title"))
        .child(fresh_button(desk))
        .child(el("ul").class("cards cards-front").child(cards))
        .child(empty(desk))
        .child(pager(desk, screen.site.clone(), route))
}

fn pager(desk: Desk, site: Arc<Site>, route: Route) -> Markup {
    let has_next = Memo::new(move |_| desk.list.read().next.is_some());
    live(move || {
        if !has_next.get() {
            let long = desk.list.read_untracked().items.len() > LONG;
            return Markup::from(long.then(|| el("p").class("pager-end").child(words::NO_MORE)));
        }
        let (route, site) = (route.clone(), site.clone());
        let act = desk.act;
        // The link stays the same element while its label changes: it keeps the reader's focus.
        let link = el("a")
            .class("button")
            .attr("rel", "next")
            .live_attr("href", move || {
                desk.list
                    .read()
                    .next
                    .as_ref()
                    .map(|next| older(&route, &site, next))
            })
            .live_attr("aria-busy", move || {
                (desk.list.read().more == More::Loading).then(|| "true".to_owned())
            })
            .on_click(move || act(Act::More))
            .child(live(move || match desk.list.read().more {
                More::Idle => words::MORE,
                More::Loading => words::MORE_LOADING,
                More::Failed(_) => words::RETRY,
            }));
        let trouble = live(move || match &desk.list.read().more {
            More::Failed(trouble) => Some(
                el("p")
                    .class("pager-trouble")
                    .attr("role", "alert")
                    .child(format!(
                        "{} {}",
                        words::MORE_TROUBLE,
                        words::trouble(trouble)
                    )),
            ),
            _ => None,
        });
        el("div").class("pager").child(trouble).child(link).into()
    })
}

/// The page with older items; this one where the backend does not number its pages.
fn older(route: &Route, site: &Site, next: &Href) -> String {
    href(route.archive(next).as_ref().unwrap_or(route), site)
}
