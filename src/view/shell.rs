//! The frame around every page: skip link, masthead, foot, and the voice for those who listen.
//! What stands between masthead and foot is in `pages`.

use leptos::prelude::*;

use super::desk::{Desk, Screen};
use super::markup::{Element, Markup, el, live};
use super::parts::href;
use super::{pages, words};
use crate::route::{Front, Route};

/// The whole document inside the mount element.
pub fn app(desk: Desk) -> Markup {
    vec![
        el("a")
            .class("skip")
            .attr("href", "#contenu")
            .child(words::SKIP)
            .into(),
        live(move || masthead(&desk.screen.get())),
        el("main")
            .attr("id", "contenu")
            .attr("tabindex", "-1")
            .child(live(move || pages::page(desk, &desk.screen.get())))
            .into(),
        live(move || foot(&desk.screen.get())),
        el("p")
            .class("unseen")
            .attr("role", "status")
            .child(live(move || desk.said.get()))
            .into(),
    ]
    .into()
}

fn masthead(screen: &Screen) -> Element {
    let home = screen.route == Some(Route::HOME);
    let name = el("a")
        .attr("href", href(&Route::HOME, &screen.site))
        .attr("aria-current", home.then_some("page"))
        .child(screen.site.name.clone());
    let motto = screen.site.description.clone();
    el("header")
        .class("masthead")
        .child(el("p").class("masthead-name").child(name))
        .child(motto.map(|text| el("p").class("motto").child(text)))
        .child(
            el("nav")
                .attr("aria-label", words::SECTIONS)
                .child(el("ul").class("sections").child(sections(screen))),
        )
}

fn sections(screen: &Screen) -> Vec<Element> {
    let current = screen.route.as_ref().and_then(Route::section);
    let sections = screen.site.sections.iter().map(|section| {
        let route = Route::Front(Front::Section(section.slug.clone()));
        // "page" for the section's own front, "true" for a page within it (WAI-ARIA 1.2).
        let mark = if screen.route.as_ref() == Some(&route) {
            Some("page")
        } else {
            (current == Some(&section.slug)).then_some("true")
        };
        let link = el("a")
            .attr("href", href(&route, &screen.site))
            .attr("aria-current", mark)
            .child(section.title.clone());
        el("li").child(link)
    });
    sections.collect()
}

fn foot(screen: &Screen) -> Element {
    let top = el("a").attr("href", "#contenu").child(words::TOP);
    let own = |route, name| el("a").attr("href", href(&route, &screen.site)).child(name);
    el("footer")
        .class("foot")
        .child(el("p").class("foot-name").child(screen.site.name.clone()))
        .child(
            el("p")
                .child(own(Route::ToRead, words::TO_READ))
                .child(own(Route::Offline, words::OFFLINE))
                .child(top),
        )
}
