//! What the views are drawn from: one screen, its list, and the way to say what the reader wants.
//! The signals are set by the app in the browser and stay as they are where HTML is written.

use std::sync::Arc;

use leptos::prelude::*;

use super::words;
use crate::content::{Article, Carried, Feed, Href, Item, Site, Trouble};
use crate::route::{Front, Route};

/// Everything that is on the reader's screen, as signals.
#[derive(Clone, Copy)]
pub struct Desk {
    /// The page.
    pub screen: RwSignal<Arc<Screen>>,
    /// The list on it: a front's items, or the latest of an article's section.
    pub list: RwSignal<List>,
    /// What can be read without a network.
    pub shelf: RwSignal<Shelf>,
    /// What is said to those who listen to the page.
    pub said: RwSignal<String>,
    /// Where the reader's wishes go.
    pub act: fn(Act),
}

/// What a reader can ask of the app beyond following a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Try the page again.
    Retry,
    /// Show older items below the list, or try again to.
    More,
    /// Show the items that wait above the list.
    ShowFresh,
    /// Try the list beside an article again.
    RetryList,
    /// Keep an article for later.
    Save(Route),
    /// Keep it no longer.
    Drop(Route),
}

/// One page, with the frame around it.
#[derive(Clone, Debug)]
pub struct Screen {
    /// Its address; none where the address names no page of the edition.
    pub route: Option<Route>,
    /// The edition.
    pub site: Arc<Site>,
    /// What its list is called by the backend.
    pub list_title: Option<String>,
    /// What it shows.
    pub page: Page,
}

/// What a page shows between masthead and foot.
#[derive(Clone, Debug)]
pub enum Page {
    /// A list: the home page, a section, or an archive page of either.
    Front,
    /// An article.
    Article(Arc<Article>),
    /// What the reader keeps.
    Shelf,
    /// No such page.
    NotFound,
    /// The page exists, but could not be had.
    Trouble(Trouble),
}

/// A list that grows at both ends: newer items wait above it, older ones are fetched below it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct List {
    /// Shown, newest first.
    pub items: Vec<Item>,
    /// Waiting above.
    pub fresh: Vec<Item>,
    /// Whether what waits does not reach down to what is shown: then it takes its place.
    pub apart: bool,
    /// Where what waits goes on.
    pub fresh_next: Option<Href>,
    /// Where the older ones are.
    pub next: Option<Href>,
    /// How the last attempt at older ones went; for a list that is not there, at the list itself.
    pub more: More,
}

/// What is kept on the reader's device.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shelf {
    /// The articles, what was read last first.
    pub articles: Vec<Kept>,
    /// One that could not be kept.
    pub refused: Option<Route>,
}

/// An article that can be read without a network.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// Its page.
    pub route: Route,
    /// Its headline.
    pub headline: String,
    /// Whether the reader has asked for it to be kept.
    pub saved: bool,
    /// Since when it is kept, in words.
    pub when: String,
}

/// The state of a request for items.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum More {
    /// None is under way.
    #[default]
    Idle,
    /// On its way.
    Loading,
    /// It failed.
    Failed(Trouble),
}

impl Desk {
    /// The signals for one screen.
    #[must_use]
    pub fn new(screen: Screen, list: List, act: fn(Act)) -> Self {
        Self {
            screen: RwSignal::new(Arc::new(screen)),
            list: RwSignal::new(list),
            shelf: RwSignal::default(),
            said: RwSignal::new(String::new()),
            act,
        }
    }

    /// Says that so many older items have come below.
    pub fn say_added(&self, count: usize) {
        self.said.set(words::new_below(count));
    }
}

impl Screen {
    /// A page, with the frame around it.
    #[must_use]
    pub fn new(route: Option<Route>, site: Arc<Site>, page: Page) -> Self {
        Self {
            route,
            site,
            list_title: None,
            page,
        }
    }

    /// The front or archive page of a list.
    #[must_use]
    pub fn of_list(route: Route, site: Arc<Site>, feed: Feed) -> (Self, List) {
        let mut screen = Self::new(Some(route), site, Page::Front);
        screen.list_title.clone_from(&feed.title);
        (screen, List::of(feed))
    }

    /// The page that a block of documents was carried for. Where HTML is written and where the app
    /// wakes up on it, the page is made by this same function.
    #[must_use]
    pub fn of_carried(carried: Carried) -> Option<(Self, List)> {
        let route = Route::parse(&carried.path)?;
        let site = Arc::new(carried.site);
        if matches!(route, Route::ToRead | Route::Offline) {
            return Some((Self::new(Some(route), site, Page::Shelf), List::default()));
        }
        match (carried.article, carried.feed) {
            (Some(article), feed) => {
                let page = Page::Article(Arc::new(article));
                let list = feed.map(List::of).unwrap_or_default();
                Some((Self::new(Some(route), site, page), list))
            }
            (None, Some(feed)) => Some(Self::of_list(route, site, feed)),
            (None, None) => None,
        }
    }

    /// What the page is called, without the edition's name.
    #[must_use]
    pub fn heading(&self) -> String {
        match &self.page {
            Page::Article(article) => article.headline.clone(),
            Page::NotFound => words::NOT_FOUND.to_owned(),
            Page::Trouble(_) => words::PAGE_TROUBLE.to_owned(),
            Page::Shelf if self.route == Some(Route::ToRead) => words::TO_READ.to_owned(),
            Page::Shelf => words::OFFLINE.to_owned(),
            Page::Front => self.front_heading(),
        }
    }

    /// What the front of this route is called.
    fn front_heading(&self) -> String {
        let title = match self.route.as_ref().and_then(Route::front) {
            None | Some(Front::Home) => words::FRONT_PAGE,
            Some(Front::Section(slug)) => self.site.section_title(slug).unwrap_or(slug.as_str()),
            // The list says it better than its address: with accents and capitals.
            Some(Front::Author(slug) | Front::Keyword(slug)) => {
                self.list_title.as_deref().unwrap_or(slug.as_str())
            }
        };
        match self.route {
            Some(Route::Archive(_, n)) => words::archive_title(title, n),
            _ => title.to_owned(),
        }
    }

    /// The document's title.
    #[must_use]
    pub fn title(&self) -> String {
        let name = &self.site.name;
        match (&self.page, &self.route) {
            (Page::Front, Some(Route::Front(Front::Home))) => name.clone(),
            _ => format!("{} | {name}", self.heading()),
        }
    }

    /// The page's canonical address, absolute where the edition says where it lives.
    #[must_use]
    pub fn canonical(&self) -> Option<String> {
        if let Page::Article(article) = &self.page
            && let Some(url) = &article.url
        {
            return Some(self.site.absolute(url.as_str()));
        }
        if matches!(self.page, Page::NotFound | Page::Trouble(_)) {
            return None;
        }
        let route = self.route.as_ref()?;
        Some(self.site.base.absolute(&route.to_string()))
    }
}

impl Shelf {
    /// Whether the reader has asked for this article to be kept.
    #[must_use]
    pub fn has_saved(&self, route: &Route) -> bool {
        let mut articles = self.articles.iter();
        articles.any(|kept| kept.saved && kept.route == *route)
    }
}

impl List {
    /// A list as a feed has it.
    #[must_use]
    pub fn of(feed: Feed) -> Self {
        let mut list = Self::default();
        list.append(feed);
        list
    }

    /// A list that could not be had.
    #[must_use]
    pub fn failed(trouble: Trouble) -> Self {
        Self {
            more: More::Failed(trouble),
            ..Self::default()
        }
    }

    /// Adds an older page below; items that are shown already are not shown twice. Returns how
    /// many came.
    pub fn append(&mut self, feed: Feed) -> usize {
        let before = self.items.len();
        for item in feed.items {
            if !has(&self.items, &item) {
                self.items.push(item);
            }
        }
        self.next = feed.next_url;
        self.more = More::Idle;
        self.items.len() - before
    }

    /// Takes over the older items of a copy of this list that was made longer, which went on at
    /// `from`. False where the list has begun anew since, and goes on elsewhere.
    pub fn take_older(&mut self, longer: Self, from: Option<&Href>) -> bool {
        if self.next.as_ref() != from {
            self.more = More::Idle;
            return false;
        }
        for item in longer.items {
            if !has(&self.items, &item) {
                self.items.push(item);
            }
        }
        self.next = longer.next;
        self.more = longer.more;
        true
    }

    /// Notes what is new in a younger copy of the list's head; the list itself does not move.
    pub fn notice(&mut self, head: Feed) {
        self.apart = !head.items.iter().any(|item| has(&self.items, item));
        self.fresh_next = head.next_url;
        let newer = head.items.into_iter();
        self.fresh = newer.take_while(|item| !has(&self.items, item)).collect();
    }

    /// Shows what waits above.
    pub fn show_fresh(&mut self) {
        let mut fresh = std::mem::take(&mut self.fresh);
        if std::mem::take(&mut self.apart) {
            self.next = self.fresh_next.take();
        } else {
            fresh.append(&mut self.items);
        }
        self.items = fresh;
    }
}

fn has(items: &[Item], item: &Item) -> bool {
    items.iter().any(|known| known.id == item.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::decode;

    fn feed(ids: &[u32], next: &str) -> Feed {
        let items: Vec<_> = ids
            .iter()
            .map(|id| serde_json::json!({ "id": id, "title": "t" }))
            .collect();
        let json = serde_json::json!({ "items": items, "next_url": next }).to_string();
        decode(json.as_bytes(), Feed::read).value.expect("a feed")
    }

    fn ids(items: &[Item]) -> Vec<&str> {
        items.iter().map(|item| item.id.as_str()).collect()
    }

    #[test]
    fn pages_that_overlap_show_each_item_once() {
        let mut list = List::of(feed(&[9, 8, 7, 6], "2.json"));
        assert_eq!(list.append(feed(&[7, 6, 5, 4], "1.json")), 2);
        assert_eq!(ids(&list.items), ["9", "8", "7", "6", "5", "4"]);
        assert_eq!(list.append(feed(&[5, 4], "")), 0);
        assert_eq!(list.next, None);
    }

    #[test]
    fn new_items_wait_until_they_are_asked_for() {
        let mut list = List::of(feed(&[9, 8, 7], ""));
        list.notice(feed(&[11, 10, 9, 8], ""));
        assert_eq!(ids(&list.items), ["9", "8", "7"]);
        assert_eq!(ids(&list.fresh), ["11", "10"]);
        list.notice(feed(&[12, 11, 10, 9], ""));
        list.show_fresh();
        assert_eq!(ids(&list.items), ["12", "11", "10", "9", "8", "7"]);
        assert!(list.fresh.is_empty());
    }

    #[test]
    fn after_a_long_absence_the_list_begins_anew_without_a_gap() {
        let mut list = List::of(feed(&[9, 8, 7], "1.json"));
        list.notice(feed(&[30, 29, 28], "9.json"));
        assert_eq!(list.fresh.len(), 3);
        list.show_fresh();
        assert_eq!(ids(&list.items), ["30", "29", "28"]);
        assert_eq!(list.next.as_ref().map(Href::as_str), Some("9.json"));
    }

    #[test]
    fn what_was_on_its_way_for_a_list_that_began_anew_leaves_no_gap_in_it() {
        let mut list = List::of(feed(&[9, 8, 7], "1.json"));
        let from = list.next.clone();
        let mut longer = list.clone();
        longer.append(feed(&[6, 5], "0.json"));
        let mut grown = list.clone();
        assert!(grown.take_older(longer.clone(), from.as_ref()));
        assert_eq!(ids(&grown.items), ["9", "8", "7", "6", "5"]);
        list.more = More::Loading;
        list.notice(feed(&[30, 29, 28], "9.json"));
        list.show_fresh();
        assert!(!list.take_older(longer, from.as_ref()));
        assert_eq!(ids(&list.items), ["30", "29", "28"]);
        assert_eq!(list.next.as_ref().map(Href::as_str), Some("9.json"));
        assert_eq!(list.more, More::Idle);
    }
}
