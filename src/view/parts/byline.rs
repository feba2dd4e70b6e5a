//! Who wrote an article and when, and how long it takes to read.
//! Dates are the writer's own clock, so they are the same wherever the page is made.

use super::{Target, link};
use crate::content::{Article, Author, Date, Site};
use crate::view::markup::{Element, Markup, el};
use crate::view::words;

pub fn byline(article: &Article, site: &Site) -> Element {
    let names: Vec<Markup> = article
        .author
        .iter()
        .map(|author| name(author, site))
        .collect();
    let count = names.len();
    let mut authors = el("p").class("authors");
    for (index, name) in names.into_iter().enumerate() {
        authors = authors
            .child(words::between_names(index, count))
            .child(name);
    }
    let updated = article.update().map(|date| {
        // On the day of publication the day alone would say nothing new.
        let published = article.date_published.as_ref();
        let same_day = published.is_some_and(|published| published.same_day(date));
        el("span")
            .class("updated")
            .child(words::UPDATED)
            .child(time(date))
            .child(same_day.then(|| words::at_time(&date.time_words())))
    });
    let dates = el("p")
        .class("dates")
        .child(article.date_published.as_ref().map(time))
        .child(updated)
        .child(el("span").child(words::reading_time(article.reading_minutes())));
    el("div")
        .class("byline")
        .child((count > 0).then_some(authors))
        .child(dates)
}

/// A page about the author that this edition does not have is no link.
fn name(author: &Author, site: &Site) -> Markup {
    match author.url.as_ref().map(|url| Target::of(url, site)) {
        Some(Target::Plain(_)) | None => author.name.clone().into(),
        Some(target) => link(&target, site, author.name.clone()).into(),
    }
}

/// A date in words, and for machines.
pub fn time(date: &Date) -> Element {
    el("time")
        .attr("datetime", date.to_string())
        .child(date.words())
}
