//! Where the reader was on a page that the browser loads whole again, by Back or by reload: how
//! long the list had become, and how far they had scrolled. Kept for the tab; forgotten where the
//! browser refuses.

use leptos::prelude::*;

use super::boot::desk;
use super::document;

/// Before the path: each page of the tab has its own place.
const KEY: &str = "manchette:place:";

/// A reader's place on a page.
pub struct Place {
    /// How many items the list had.
    pub items: usize,
    /// How far down the page was scrolled, in CSS pixels.
    pub y: i32,
}

/// Begins to keep the place when a page is left.
pub fn start() {
    document::on_leave(|| {
        let Some(desk) = desk() else { return };
        let items = desk.list.with_untracked(|list| list.items.len());
        let (path, y) = (document::path(), document::scrolled());
        if let Some(storage) = document::session_storage() {
            let _ = storage.set_item(&key(&path), &format!("{items} {y}"));
        }
    });
}

/// The place that was kept for this page, if it is one that the reader comes back to.
pub fn kept() -> Option<Place> {
    if !document::is_return() {
        return None;
    }
    let storage = document::session_storage()?;
    let kept = storage.get_item(&key(&document::path())).ok()??;
    let (items, y) = kept.split_once(' ')?;
    Some(Place {
        items: items.parse().ok()?,
        y: y.parse().ok()?,
    })
}

fn key(path: &str) -> String {
    [KEY, path].concat()
}
