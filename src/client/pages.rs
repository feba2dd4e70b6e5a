//! From a route to a page with its data: fetched, or remembered from before.
//! Also what is done to the list on the page: longer, younger, tried again.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use futures_util::future::join;
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use super::backend::{absolute, document};
use super::boot::{desk, here, with_app};
use super::net::{self, Stop, Wish, sleep};
use super::place::Place;
use crate::content::{Article, Feed, Href, Site, Slug, Trouble};
use crate::route::{self, Front, Route};
use crate::view::{List, More, Page, Screen};

/// How many pages are remembered.
const REMEMBERED: usize = 30;
/// How long an article's page waits for the list beside it once the article is there, in
/// milliseconds; after that the list comes into the place that is kept for it.
const LIST_GRACE: u32 = 300;

/// What is asked for because the reader tries again.
pub const ANEW: Wish = Wish {
    abort: None,
    anew: true,
    idle: false,
};

/// Pages seen, so that going back needs no network.
#[derive(Default)]
pub struct Memory {
    site: Option<Arc<Site>>,
    /// Oldest first.
    pages: Vec<Seen>,
}

struct Seen {
    route: Route,
    screen: Screen,
    list: List,
    /// When it was fetched, in milliseconds.
    at: f64,
}

impl Memory {
    fn put(&mut self, route: Route, screen: Screen, list: List, at: f64) {
        self.pages.retain(|seen| seen.route != route);
        if self.pages.len() >= REMEMBERED {
            self.pages.remove(0);
        }
        self.pages.push(Seen {
            route,
            screen,
            list,
            at,
        });
    }
}

/// A page that was seen; with `young`, only one that is whole and not older than the edition's
/// refresh time.
pub fn remembered(route: &Route, young: bool) -> Option<(Screen, List)> {
    with_app(|app| {
        let memory = app.pages.borrow();
        let seen = memory.pages.iter().find(|seen| seen.route == *route)?;
        // From the future, where the clock has been set back meanwhile.
        let age = js_sys::Date::now() - seen.at;
        let limit = f64::from(seen.screen.site.feed_refresh_seconds) * 1_000.0;
        if young && (!(0.0..limit).contains(&age) || seen.list.more != More::Idle) {
            return None;
        }
        let (mut screen, mut list) = (seen.screen.clone(), seen.list.clone());
        // What was still on its way when the reader left is on its way no longer.
        if list.more == More::Loading {
            list.more = match screen.page {
                Page::Article(_) => More::Failed(Trouble::Network),
                _ => More::Idle,
            };
        }
        if let Some(site) = &memory.site {
            screen.site = site.clone();
        }
        Some((screen, list))
    })?
}

/// Keeps what has become of the list on the current page, so that coming back finds it so.
pub fn remember() {
    let Some(desk) = desk() else { return };
    let screen = desk.screen.get_untracked();
    if let (Some(route), Page::Front | Page::Article(_)) = (&screen.route, &screen.page) {
        remember_list(route, desk.list.get_untracked());
    }
}

fn remembered_list(route: &Route) -> Option<List> {
    with_app(|app| {
        let memory = app.pages.borrow();
        let seen = memory.pages.iter().find(|seen| seen.route == *route)?;
        Some(seen.list.clone())
    })?
}

/// Remembers a page that came as HTML, of unknown age: it is there for Back, and asked for again
/// by a link.
pub fn remember_carried(screen: &Screen, list: &List) {
    let Some(route) = &screen.route else { return };
    with_app(|app| {
        let mut memory = app.pages.borrow_mut();
        memory.site = Some(screen.site.clone());
        memory.put(route.clone(), screen.clone(), list.clone(), 0.0);
    });
    // The worker may have said so in the page itself.
    if let Some(address) = with_app(|app| app.backend.address(&route.document())) {
        net::put_note(&address, super::document::shown_note());
    }
}

pub fn remember_list(route: &Route, list: List) {
    with_app(|app| {
        let mut memory = app.pages.borrow_mut();
        if let Some(seen) = memory.pages.iter_mut().find(|seen| seen.route == *route) {
            seen.list = list;
        }
    });
}

/// Shows a page in place of the one before.
pub fn put_on(screen: Screen, mut list: List) {
    if list.more == More::Loading {
        // It may have come since, when there was nowhere yet to put it.
        let came = screen.route.as_ref().and_then(remembered_list);
        list = came.unwrap_or(list);
    }
    show_note(&screen);
    if let Some(desk) = desk() {
        desk.list.set(list);
        desk.screen.set(Arc::new(screen));
    }
}

/// Says whether what is shown is a kept copy.
pub fn show_note(screen: &Screen) {
    let note = screen.route.as_ref().and_then(|route| {
        let address = with_app(|app| app.backend.address(&route.document()))?;
        net::note(&address)
    });
    super::document::show_note(note.as_deref());
}

/// The page at `route`, fetched.
pub async fn load(route: &Route, wish: Wish<'_>) -> Result<(Screen, List), Stop> {
    let found = match route {
        Route::Article { section, .. } => article(route, section, wish).await,
        Route::ToRead | Route::Offline => {
            let screen = Screen::new(Some(route.clone()), site(wish).await, Page::Shelf);
            Ok((screen, List::default()))
        }
        _ => front(route, wish).await,
    };
    with_app(|app| {
        let mut memory = app.pages.borrow_mut();
        match &found {
            Ok((screen, list)) => {
                let now = js_sys::Date::now();
                memory.put(route.clone(), screen.clone(), list.clone(), now);
            }
            // What was withdrawn does not come back by Back.
            Err(Stop::Trouble(Trouble::Missing)) => {
                memory.pages.retain(|seen| seen.route != *route)
            }
            Err(_) => {}
        }
    });
    found
}

async fn front(route: &Route, wish: Wish<'_>) -> Result<(Screen, List), Stop> {
    let (site, feed) = join(site(wish), fetch_feed(&route.document(), wish)).await;
    Ok(Screen::of_list(route.clone(), site, feed?))
}

async fn article(route: &Route, section: &Slug, wish: Wish<'_>) -> Result<(Screen, List), Stop> {
    // The list is on its way at the same time, but the article does not wait for it for long. It
    // goes on by itself, so that it can still arrive when the article is already shown.
    let slot = Rc::new(RefCell::new(None));
    let arrival = {
        let (slot, section, route) = (slot.clone(), section.clone(), route.clone());
        let (abort, anew, idle) = (wish.abort.cloned(), wish.anew, wish.idle);
        future_to_promise(async move {
            let abort = abort.as_ref();
            if let Some(list) = list_of(&section, Wish { abort, anew, idle }).await {
                put_late_list(&route, &list).await;
                *slot.borrow_mut() = Some(list);
            }
            Ok(JsValue::UNDEFINED)
        })
    };
    let address = with_app(|app| app.backend.address(&route.document())).unwrap_or_default();
    let (site, article) = join(site(wish), document(&address, Article::read, wish)).await;
    let article = article?;
    if slot.borrow().is_none() {
        let grace = future_to_promise(async {
            sleep(LIST_GRACE).await;
            Ok(JsValue::UNDEFINED)
        });
        let _ = JsFuture::from(js_sys::Promise::race(&js_sys::Array::of2(&arrival, &grace))).await;
    }
    let list = slot.take().unwrap_or_else(|| List {
        more: More::Loading,
        ..List::default()
    });
    let page = Page::Article(Arc::new(article));
    Ok((Screen::new(Some(route.clone()), site, page), list))
}

/// Puts a list that arrived after its article into the page, if that still waits for it, and into
/// the memory of it.
async fn put_late_list(route: &Route, list: &List) {
    remember_list(route, list.clone());
    let Some(desk) = desk() else { return };
    let waiting = desk.list.with_untracked(|list| list.more == More::Loading)
        && desk.screen.with_untracked(|screen| {
            screen.route.as_ref() == Some(route) && matches!(screen.page, Page::Article(_))
        });
    if waiting {
        super::document::change_above_cards(|| desk.list.set(list.clone())).await;
    }
}

/// The newest items of a section, or why they are not there; none where nobody waits any more.
async fn list_of(section: &Slug, wish: Wish<'_>) -> Option<List> {
    match fetch_feed(&Front::Section(section.clone()).feed(), wish).await {
        Ok(feed) => Some(List::of(feed)),
        Err(Stop::Trouble(trouble)) => Some(List::failed(trouble)),
        Err(Stop::Aborted) => None,
    }
}

/// The list at a document below the backend's base.
async fn fetch_feed(document_path: &str, wish: Wish<'_>) -> Result<Feed, Stop> {
    let address = with_app(|app| app.backend.address(document_path)).unwrap_or_default();
    feed_at(&address, wish).await
}

/// The list at an address, with its `next_url` as seen from there.
async fn feed_at(address: &str, wish: Wish<'_>) -> Result<Feed, Stop> {
    let mut feed = document(address, Feed::read, wish).await?;
    feed.next_url = feed
        .next_url
        .and_then(|next| Href::parse(&absolute(next.as_str(), address)));
    Ok(feed)
}

/// Where the older items of the list at `route` are fetched. A feed may name the edition's
/// canonical origin where its documents are: one of the contract's own is taken from the backend,
/// wherever that is.
fn older_at(route: Option<&Route>, next: &Href) -> String {
    let ours = route
        .and_then(|route| route.archive(next))
        .map(|archive| archive.document())
        .filter(|document| next.as_str().ends_with(document.as_str()));
    ours.and_then(|document| with_app(|app| app.backend.address(&document)))
        .unwrap_or_else(|| next.to_string())
}

/// The edition: remembered, else fetched, else a frame that names nothing.
async fn site(wish: Wish<'_>) -> Arc<Site> {
    if let Some(site) = with_app(|app| app.pages.borrow().site.clone()).flatten() {
        return site;
    }
    let address = with_app(|app| app.backend.address(route::SITE)).unwrap_or_default();
    match document(&address, Site::read, wish).await {
        Ok(site) => {
            let site = Arc::new(here(site));
            with_app(|app| app.pages.borrow_mut().site = Some(site.clone()));
            site
        }
        Err(_) => Arc::new(here(Site::unknown())),
    }
}

/// The page for an address that names no page.
pub async fn not_found() -> (Screen, List) {
    let screen = Screen::new(None, site(Wish::default()).await, Page::NotFound);
    (screen, List::default())
}

/// The page that says why `route` could not be shown.
pub fn in_trouble(route: &Route, trouble: Trouble) -> (Screen, List) {
    let site = with_app(|app| app.pages.borrow().site.clone()).flatten();
    let page = match trouble {
        Trouble::Missing => Page::NotFound,
        trouble => Page::Trouble(trouble),
    };
    let site = site.unwrap_or_else(|| Arc::new(here(Site::unknown())));
    (
        Screen::new(Some(route.clone()), site, page),
        List::default(),
    )
}

/// Adds older items to the list on the page.
pub async fn more() {
    let Some(desk) = desk() else { return };
    if desk.list.with_untracked(|list| list.more == More::Loading) {
        return;
    }
    let page = desk.screen.get_untracked();
    let again = desk.list.with_untracked(|list| list.more != More::Idle);
    let wish = if again { ANEW } else { Wish::default() };
    desk.list.update(|list| list.more = More::Loading);
    let mut list = desk.list.get_untracked();
    let from = list.next.clone();
    let outcome = lengthen_once(page.route.as_ref(), &mut list, wish).await;
    // The reader may have gone on meanwhile.
    if !Arc::ptr_eq(&page, &desk.screen.get_untracked()) {
        return;
    }
    match outcome {
        Ok(added) => {
            // The list may have grown above in the meantime, or have begun to.
            if desk
                .list
                .try_update(|now| now.take_older(list, from.as_ref()))
                == Some(true)
            {
                desk.say_added(added);
            }
        }
        Err(Stop::Trouble(trouble)) => {
            desk.list.update(|list| list.more = More::Failed(trouble));
        }
        Err(Stop::Aborted) => desk.list.update(|list| list.more = More::Idle),
    }
    remember();
}

/// Appends the next page that has anything new. Pages overlap where the newest of the archive
/// repeats the head; a list that leads back to a page already seen ends.
async fn lengthen_once(
    route: Option<&Route>,
    list: &mut List,
    wish: Wish<'_>,
) -> Result<usize, Stop> {
    let mut seen = Vec::new();
    while let Some(next) = list.next.clone() {
        let address = older_at(route, &next);
        if seen.contains(&address) {
            list.next = None;
            break;
        }
        let added = list.append(feed_at(&address, wish).await?);
        if added > 0 {
            return Ok(added);
        }
        seen.push(address);
    }
    list.more = More::Idle;
    Ok(0)
}

/// Makes `list` at least `items` long, as it was when the reader left; less where that fails.
pub async fn lengthen(route: &Route, list: &mut List, items: usize) {
    while list.items.len() < items {
        match lengthen_once(Some(route), list, Wish::default()).await {
            Ok(added) if added > 0 => {}
            _ => return,
        }
    }
}

/// Tries the list beside the article again.
pub async fn retry_list() {
    let Some(desk) = desk() else { return };
    let page = desk.screen.get_untracked();
    let Some(section) = page.route.as_ref().and_then(Route::section) else {
        return;
    };
    desk.list.update(|list| list.more = More::Loading);
    let Some(list) = list_of(section, ANEW).await else {
        return;
    };
    if Arc::ptr_eq(&page, &desk.screen.get_untracked()) {
        desk.list.set(list);
        remember();
    }
}

/// Makes the list of the page that came as HTML as long as it was when the reader left, and puts
/// the reader back.
pub async fn lengthen_on_page(place: &Place) {
    let Some(desk) = desk() else { return };
    let page = desk.screen.get_untracked();
    let mut list = desk.list.get_untracked();
    let (Page::Front, Some(route)) = (&page.page, &page.route) else {
        return;
    };
    if list.items.len() >= place.items {
        return;
    }
    lengthen(route, &mut list, place.items).await;
    if Arc::ptr_eq(&page, &desk.screen.get_untracked()) {
        desk.list.set(list);
        remember();
        leptos::task::tick().await;
        super::document::scroll_to(place.y);
    }
}

/// Looks for items newer than those on the page; they wait until the reader asks for them. False where
/// the backend did not answer.
pub async fn look_for_newer() -> bool {
    let Some(desk) = desk() else { return true };
    let page = desk.screen.get_untracked();
    let head = match (&page.page, &page.route) {
        (Page::Front, Some(Route::Front(front))) => front.feed(),
        (Page::Article(_), Some(Route::Article { section, .. })) => {
            Front::Section(section.clone()).feed()
        }
        _ => return true,
    };
    let wish = Wish { idle: true, ..ANEW };
    let Ok(feed) = fetch_feed(&head, wish).await else {
        return false;
    };
    if Arc::ptr_eq(&page, &desk.screen.get_untracked()) {
        let before = desk.list.get_untracked();
        let mut after = before.clone();
        if before.items.is_empty() {
            after = List::of(feed);
        } else {
            after.notice(feed);
        }
        if after != before {
            desk.list.set(after);
            remember();
        }
    }
    true
}
