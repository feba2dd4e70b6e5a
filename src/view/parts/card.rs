//! An item of a list as a card. Everything but a headline may be missing, and it still looks meant:
//! without a picture the headline takes its place, without a label the line above is not there.

use super::link::item_link;
use super::{Target, later, picture, time};
use crate::content::{Item, Site, Slug};
use crate::route::Route;
use crate::view::desk::Desk;
use crate::view::markup::{Element, el};
use crate::view::words;

/// Where a card stands, which decides its size and how soon its picture is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At the head of a front.
    Lead,
    /// Among the first of a front, which a reader sees at once.
    First,
    /// Further down a front.
    Later,
    /// Below an article.
    Related,
}

/// The widths at which the pictures of cards are shown, for `sizes` (style/cards.css).
const CARD_SIZES: &str = "(min-width: 60rem) 23rem, (min-width: 38rem) 45vw, 100vw";
const LEAD_SIZES: &str = "(min-width: 56rem) 44rem, 100vw";

/// A card; an item of `own_section` does not repeat that section's name.
pub fn card(
    desk: Desk,
    item: &Item,
    site: &Site,
    own_section: Option<&Slug>,
    place: Place,
) -> Element {
    let image = item.picture();
    // Where the summary stands for the headline it is not said twice.
    let summary = item.summary.clone().filter(|_| item.title.is_some());
    let summary = summary.filter(|_| place != Place::Related || image.is_none());
    let mut class = "card".to_owned();
    for (name, is) in [
        (" card-lead", place == Place::Lead),
        (" card-plain", image.is_none()),
        (" card-untitled", item.title.is_none()),
    ] {
        class.push_str(if is { name } else { "" });
    }
    let image = image.map(|mut image| {
        // The headline beside it says the same: twice would be noise to who listens.
        image.alt = None;
        let (sizes, first) = match place {
            Place::Lead => (LEAD_SIZES, true),
            _ => (CARD_SIZES, false),
        };
        let mut picture = picture(&image, site, sizes, first);
        if place == Place::First {
            picture.attributes.retain(|(name, _)| *name != "loading");
        }
        el("div").class("card-picture").child(picture)
    });
    let label = label(item, site, own_section);
    // Below an article the cards stand under a heading of their own.
    let heading = if place == Place::Related { "h3" } else { "h2" };
    let text = el("div")
        .class("card-text")
        .child(label.map(|label| el("p").class("kicker").child(label)))
        .child(el(heading).class("card-title").child(item_link(item, site)))
        .child(summary.map(|text| el("p").class("card-summary").child(text)))
        .child(meta(item))
        .child(keeper(desk, item, site));
    el("li").class(class).child(image).child(text)
}

/// Kicker, else the section's title, else nothing.
pub fn label(item: &Item, site: &Site, own_section: Option<&Slug>) -> Option<String> {
    let section = item.manchette.section.as_ref();
    let title = section
        .filter(|section| own_section != Some(section))
        .and_then(|section| site.section_title(section));
    let kicker = item.manchette.kicker.clone();
    kicker.or_else(|| title.map(str::to_owned))
}

/// The button that keeps the article for later, where it is one of the edition's.
fn keeper(desk: Desk, item: &Item, site: &Site) -> Option<Element> {
    match Target::of_item(item, site)? {
        Target::Page(route @ Route::Article { .. }) => {
            Some(later(desk, route, Some(item.headline())))
        }
        _ => None,
    }
}

fn meta(item: &Item) -> Option<Element> {
    let count = item.authors.len();
    let mut names = String::new();
    for (index, author) in item.authors.iter().enumerate() {
        names.push_str(words::between_names(index, count));
        names.push_str(&author.name);
    }
    let date = item.date_published.as_ref();
    (count > 0 || date.is_some()).then(|| {
        let names = (count > 0).then(|| el("span").class("card-authors").child(names));
        el("p")
            .class("card-meta")
            .child(names)
            .child(date.map(time))
    })
}
