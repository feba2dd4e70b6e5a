//! One file for each kind of page; what several of them share is in `parts`.
//! A page is what stands inside `<main>`.

mod article;
mod front;
mod shelf;
mod trouble;

use super::desk::{Desk, Page, Screen};
use super::markup::Markup;

/// The page that `screen` shows.
pub fn page(desk: Desk, screen: &Screen) -> Markup {
    match &screen.page {
        Page::Front => front::front(desk, screen).into(),
        Page::Article(article) => article::article(desk, screen, article).into(),
        Page::Shelf => shelf::shelf(desk, screen).into(),
        Page::NotFound => trouble::not_found(&screen.site).into(),
        Page::Trouble(what) => trouble::trouble(desk, &screen.site, what).into(),
    }
}
