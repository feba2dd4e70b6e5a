//! From a loaded module to a page that lives: wakes up on the page that came as HTML, or loads the
//! first page and mounts it. Also holds the one piece of shared state, and hears what the reader asks for.

use std::cell::{OnceCell, RefCell};

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{
    backend::Backend, document, navigate, net, offline, pages, place, prefetch, refresh, render,
};
use crate::content::{self, Carried, Site};
use crate::route::Route;
use crate::view::{self, Act, Desk, List, Page, Screen};

/// What the whole client shares.
pub struct App {
    pub backend: Backend,
    pub pages: RefCell<pages::Memory>,
    desk: OnceCell<Desk>,
}

thread_local! {
    static APP: OnceCell<App> = const { OnceCell::new() };
}

/// Calls `with` with the app, once it has started.
pub fn with_app<T>(with: impl FnOnce(&App) -> T) -> Option<T> {
    APP.with(|app| app.get().map(with))
}

/// What is on the reader's screen, once something is.
pub fn desk() -> Option<Desk> {
    with_app(|app| app.desk.get().copied())?
}

/// Starts the app in the page that loaded it. What stands in the page, be it an article or the
/// shape of one, stays until there is something to put in its place.
pub fn boot() {
    std::panic::set_hook(Box::new(|info| {
        document::report(&info.to_string());
        // From here on links are links again: each loads its page whole.
        navigate::stop();
        document::show_breakdown();
    }));
    let _ = any_spawner::Executor::init_wasm_bindgen();
    APP.with(|app| {
        let _ = app.set(App {
            backend: Backend::from_page(),
            pages: RefCell::default(),
            desk: OnceCell::new(),
        });
    });
    let place = place::kept();
    if let Some((screen, list)) = carried() {
        pages::remember_carried(&screen, &list);
        if wake(&screen, &list) {
            spawn_local(async {
                if let Some(place) = place {
                    pages::lengthen_on_page(&place).await;
                }
            });
            return go_on();
        }
        document::report("the page is not what it carries: drawing it anew");
        mount(screen, list);
        return go_on();
    }
    spawn_local(async {
        let Some((screen, list)) = first_page(place.as_ref()).await else {
            return;
        };
        document::announce_page(&screen, false);
        pages::show_note(&screen);
        mount(screen, list);
        if let Some(place) = place {
            document::scroll_to(place.y);
        }
        go_on();
    });
}

/// Begins everything that goes on for as long as the page lives.
fn go_on() {
    navigate::start();
    prefetch::start();
    place::start();
    refresh::start();
    offline::start();
    document::say_awake();
}

/// The page that came as HTML, from the documents that it carries, if they are for this address.
fn carried() -> Option<(Screen, List)> {
    let block = document::carried()?;
    let carried = content::decode(block.as_bytes(), Carried::read);
    let mut carried = carried.value.ok()?;
    carried.site = here(carried.site);
    let (screen, list) = Screen::of_carried(carried)?;
    // An address that names no page is another spelling of this one's (`…/index.html`), or an archive's.
    let route = Route::parse(&document::path());
    (route.is_none() || screen.route == route).then_some((screen, list))
}

/// Wakes up on the page that stands there. False where it is not the page that it should be.
fn wake(screen: &Screen, list: &List) -> bool {
    let (Some(document), Some(parent)) = (document::document(), document::mount_element()) else {
        return false;
    };
    let owner = Owner::new();
    let found = owner.with(|| {
        let desk = Desk::new(screen.clone(), list.clone(), act);
        let alive = render::adopt(&document, &parent, view::app(desk))?;
        with_app(|app| app.desk.set(desk));
        Some(alive)
    });
    let Some(alive) = found else { return false };
    document::watch_pictures();
    std::mem::forget((owner, alive));
    true
}

/// The edition as it is served here: what the page says of that goes before the document's own.
pub fn here(site: Site) -> Site {
    let base = site.base.clone().served_at(document::base());
    Site { base, ..site }
}

async fn first_page(place: Option<&place::Place>) -> Option<(Screen, List)> {
    let Some(route) = Route::parse(&document::path()) else {
        return Some(pages::not_found().await);
    };
    let (screen, mut list) = match pages::load(&route, net::Wish::default()).await {
        Ok(found) => found,
        Err(net::Stop::Trouble(trouble)) => pages::in_trouble(&route, trouble),
        // Nothing can give up the first page.
        Err(net::Stop::Aborted) => return None,
    };
    if let (Some(place), Page::Front) = (place, &screen.page) {
        pages::lengthen(&route, &mut list, place.items).await;
        pages::remember_list(&route, list.clone());
    }
    Some((screen, list))
}

/// Puts the app with its first page in the place that `index.html` has for it.
fn mount(screen: Screen, list: List) {
    let (Some(document), Some(parent)) = (document::document(), document::mount_element()) else {
        document::report("index.html has no element with the id \"app\"");
        return;
    };
    let owner = Owner::new();
    let alive = owner.with(|| {
        let desk = Desk::new(screen, list, act);
        with_app(|app| app.desk.set(desk));
        document::watch_pictures();
        let drawn = document.create_document_fragment();
        let alive = render::mount(&document, &drawn, view::app(desk));
        document::replace(&parent, &drawn);
        alive
    });
    // Both live as long as the page does.
    std::mem::forget((owner, alive));
}

/// What the reader asks for by a button.
fn act(act: Act) {
    match act {
        Act::Retry => spawn_local(navigate::retry()),
        Act::Save(route) => offline::keep(route, true),
        Act::Drop(route) => offline::keep(route, false),
        Act::More => spawn_local(pages::more()),
        Act::RetryList => spawn_local(pages::retry_list()),
        Act::ShowFresh => {
            if let Some(desk) = desk() {
                desk.list.update(List::show_fresh);
                pages::remember();
                document::focus_first_item();
            }
        }
    }
}
