//! Links to the edition open here, without a reload. The browser's Navigation API is the router:
//! history, scroll, reload and abort are its work. Where it is missing, links load their page.

use std::cell::{Cell, RefCell};

use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::{future_to_promise, spawn_local};
use web_sys::AbortSignal;

use super::boot::desk;
use super::net::{Stop, Wish, sleep};
use super::{document, pages, prefetch, render};
use crate::content::Trouble;
use crate::route::{Front, Route};
use crate::view::{List, Screen};

// web-sys has the Navigation API only behind its flag for unstable interfaces, which every build of
// this crate would have to pass. WHATWG HTML, "Navigation API".
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = web_sys::EventTarget)]
    type Navigation;

    #[wasm_bindgen(method, getter, js_name = currentEntry)]
    fn current_entry(this: &Navigation) -> Option<HistoryEntry>;
    #[wasm_bindgen(method)]
    fn navigate(this: &Navigation, url: &str, options: &JsValue) -> JsValue;
    #[wasm_bindgen(method, js_name = traverseTo)]
    fn traverse_to(this: &Navigation, key: &str) -> JsValue;

    #[wasm_bindgen(extends = web_sys::Event)]
    #[derive(Clone)]
    type NavigateEvent;

    #[wasm_bindgen(method, getter, js_name = canIntercept)]
    fn can_intercept(this: &NavigateEvent) -> bool;
    #[wasm_bindgen(method, getter, js_name = hashChange)]
    fn hash_change(this: &NavigateEvent) -> bool;
    #[wasm_bindgen(method, getter, js_name = downloadRequest)]
    fn download_request(this: &NavigateEvent) -> Option<String>;
    #[wasm_bindgen(method, getter, js_name = formData)]
    fn form_data(this: &NavigateEvent) -> JsValue;
    #[wasm_bindgen(method, getter, js_name = navigationType)]
    fn navigation_type(this: &NavigateEvent) -> String;
    #[wasm_bindgen(method, getter)]
    fn signal(this: &NavigateEvent) -> AbortSignal;
    #[wasm_bindgen(method, getter)]
    fn destination(this: &NavigateEvent) -> NavigationDestination;
    #[wasm_bindgen(method)]
    fn intercept(this: &NavigateEvent, options: &JsValue);
    #[wasm_bindgen(method, catch)]
    fn scroll(this: &NavigateEvent) -> Result<(), JsValue>;

    type NavigationDestination;
    #[wasm_bindgen(method, getter)]
    fn url(this: &NavigationDestination) -> String;
    #[wasm_bindgen(method, getter, js_name = sameDocument)]
    fn same_document(this: &NavigationDestination) -> bool;

    type HistoryEntry;
    #[wasm_bindgen(method, getter)]
    fn key(this: &HistoryEntry) -> String;
}

type Listener = Closure<dyn Fn(NavigateEvent)>;

thread_local! {
    static LISTENER: RefCell<Option<(Navigation, Listener)>> = const { RefCell::new(None) };
    /// Counts navigations, so that an older one does not end the progress of a newer.
    static TURN: Cell<u32> = const { Cell::new(0) };
    /// Whether a page is on its way. (Its address stands there already.)
    static AWAITED: Cell<bool> = const { Cell::new(false) };
    /// Whether the last navigation was not taken, or not yet: it is the browser's, or is made again.
    static LEAVING: Cell<bool> = const { Cell::new(false) };
    static PLACES: RefCell<Places> = RefCell::default();
}

/// How far down the reader was on each page of this tab's history, by the key of its entry. What
/// the browser keeps itself is late: it has not heard of a scroll that was made a moment ago.
#[derive(Default)]
struct Places {
    /// The entry that is on the screen.
    shown: String,
    kept: Vec<(String, i32)>,
}

/// How many places are kept.
const PLACES_KEPT: usize = 100;

impl Places {
    /// Keeps the place on the page that is about to go.
    fn keep(&mut self, y: i32) {
        let shown = self.shown.clone();
        self.kept.retain(|(key, _)| *key != shown);
        if self.kept.len() >= PLACES_KEPT {
            self.kept.remove(0);
        }
        self.kept.push((shown, y));
    }

    /// Notes the page that has come, and finds the place that was kept on it.
    fn come(&mut self, key: String) -> Option<i32> {
        let kept = self.kept.iter().find(|(known, _)| *known == key);
        self.shown = key;
        kept.map(|(_, y)| *y)
    }
}

/// Whether this browser has the Navigation API.
pub fn is_supported() -> bool {
    navigation().is_some()
}

fn navigation() -> Option<Navigation> {
    let navigation = js_sys::Reflect::get(&js_sys::global(), &"navigation".into()).ok()?;
    (!navigation.is_undefined()).then(|| navigation.unchecked_into())
}

/// Begins to take navigations to pages of the edition.
pub fn start() {
    let Some(navigation) = navigation() else {
        return;
    };
    let listener: Listener = Closure::new(|event: NavigateEvent| take(&event));
    let _ =
        navigation.add_event_listener_with_callback("navigate", listener.as_ref().unchecked_ref());
    PLACES.with(|places| places.borrow_mut().shown = entry_key(&navigation));
    LISTENER.with(|kept| *kept.borrow_mut() = Some((navigation, listener)));
}

fn entry_key(navigation: &Navigation) -> String {
    navigation
        .current_entry()
        .map_or_else(String::new, |entry| entry.key())
}

/// Leaves all navigation to the browser.
pub fn stop() {
    LISTENER.with(|kept| {
        if let Ok(kept) = kept.try_borrow()
            && let Some((navigation, listener)) = &*kept
        {
            let listener = listener.as_ref().unchecked_ref();
            let _ = navigation.remove_event_listener_with_callback("navigate", listener);
        }
    });
    // Back among pages of this document would change the address alone.
    document::reload_on_return();
}

/// Takes a navigation to a page of the edition; every other is the browser's.
fn take(event: &NavigateEvent) {
    let destination = event.destination().url();
    let route = document::route_of(&destination);
    let screen = desk().map(|desk| desk.screen.get_untracked());
    // Within the page that is shown; where another is still on its way, this is a way back.
    let within = screen
        .as_ref()
        .is_some_and(|screen| screen.route == route && event.hash_change());
    let not_ours = !event.can_intercept()
        || within
        // A link to the very fragment where the reader is is no change of it.
        || (destination.contains('#') && destination == document::address())
        || event.download_request().is_some()
        || !event.form_data().is_null()
        || event.navigation_type() == "reload";
    LEAVING.with(|leaving| leaving.set(!within && event.download_request().is_none()));
    if not_ours {
        return;
    }
    // An address that is no page of the edition is the browser's; but it leaves to us to draw what
    // stood there when the reader goes back to it in this same document.
    let foreign = route.is_none() || names_no_section(route.as_ref(), screen.as_deref());
    if foreign && !event.destination().same_document() {
        return;
    }
    let options = js_sys::Object::new();
    let set = |name: &str, value: &JsValue| {
        let _ = js_sys::Reflect::set(&options, &name.into(), value);
    };
    // The reader has given up a page that did not come: Back is not to lead to it.
    if AWAITED.with(Cell::get)
        && event.navigation_type() == "push"
        && event.cancelable()
        && let Some(navigation) = navigation()
        && PLACES.with(|places| places.borrow().shown != entry_key(&navigation))
    {
        event.prevent_default();
        set("history", &"replace".into());
        // Not from within the event of another.
        spawn_local(async move {
            sleep(0).await;
            navigation.navigate(&destination, &options);
        });
        return;
    }
    LEAVING.with(|leaving| leaving.set(false));
    AWAITED.with(|awaited| awaited.set(true));
    set("focusReset", &"manual".into());
    set("scroll", &"manual".into());
    let handler = {
        let event = event.clone();
        Closure::once_into_js(move || {
            future_to_promise(async move {
                go(route.as_ref(), &event).await;
                Ok(JsValue::UNDEFINED)
            })
        })
    };
    set("handler", &handler);
    event.intercept(&options);
}

/// Whether a page can only be something else on the same host: `/mentions-legales/` looks like a
/// section, and is none.
fn names_no_section(route: Option<&Route>, screen: Option<&Screen>) -> bool {
    let (Some(Route::Front(Front::Section(section))), Some(screen)) = (route, screen) else {
        return false;
    };
    !screen.site.sections.is_empty() && screen.site.section_title(section).is_none()
}

async fn go(route: Option<&Route>, event: &NavigateEvent) {
    let turn = TURN.with(|turn| {
        turn.set(turn.get().wrapping_add(1));
        turn.get()
    });
    document::set_busy(true);
    pages::remember();
    PLACES.with(|places| places.borrow_mut().keep(document::scrolled()));
    let key = navigation().map_or_else(String::new, |navigation| entry_key(&navigation));
    let signal = event.signal();
    let back = event.navigation_type() == "traverse";
    let found = match route {
        Some(route) => obtain(route, back, &signal).await,
        None => Some(pages::not_found().await),
    };
    // Whatever came, a reader who has gone on does not want it.
    let stopped = signal.aborted();
    if let (Some((screen, list)), false) = (found, stopped) {
        show(screen, list, event, key).await;
    }
    if stopped {
        // Firefox stops one navigation before it tells of the next.
        sleep(0).await;
    }
    if TURN.with(Cell::get) != turn {
        return;
    }
    AWAITED.with(|awaited| awaited.set(false));
    document::set_busy(false);
    // Stopped, and nothing else begun: the address is again that of the page that stands there.
    if let (true, false, Some(navigation)) = (stopped, LEAVING.with(Cell::get), navigation()) {
        navigation.traverse_to(&PLACES.with(|places| places.borrow().shown.clone()));
    }
}

/// The page at `route`: remembered where the reader goes back or was there a moment ago, fetched
/// otherwise. Where that fails a remembered page is better than none.
async fn obtain(route: &Route, back: bool, signal: &AbortSignal) -> Option<(Screen, List)> {
    let ahead = prefetch::finish(route).await;
    if let Some(found) = pages::remembered(route, !back) {
        return Some(found);
    }
    let found = match ahead {
        // What was fetched ahead in vain a moment ago is not fetched in vain again.
        Some(trouble) => Err(Stop::Trouble(trouble)),
        None => {
            let wish = Wish {
                abort: Some(signal),
                ..Wish::default()
            };
            pages::load(route, wish).await
        }
    };
    match found {
        Ok(found) => Some(found),
        Err(Stop::Aborted) => None,
        // What has been withdrawn is not shown from memory.
        Err(Stop::Trouble(Trouble::Missing)) => Some(pages::in_trouble(route, Trouble::Missing)),
        Err(Stop::Trouble(trouble)) => Some(
            pages::remembered(route, false).unwrap_or_else(|| pages::in_trouble(route, trouble)),
        ),
    }
}

/// Swaps the page at once: a view transition would hold the new headline back for two or three
/// frames, and taps for as long as it fades.
async fn show(screen: Screen, list: List, event: &NavigateEvent, key: String) {
    document::announce_page(&screen, true);
    pages::put_on(screen, list);
    leptos::task::tick().await;
    if render::has_lost() {
        return document::reload();
    }
    document::focus_heading();
    let kept = PLACES.with(|places| places.borrow_mut().come(key));
    match kept.filter(|_| event.navigation_type() == "traverse") {
        Some(y) => document::scroll_to(y),
        // Refused once the navigation is over: then there is nothing to scroll.
        None => drop(event.scroll()),
    }
}

/// Tries the current page again, in place.
pub async fn retry() {
    let Some(desk) = desk() else { return };
    let page = desk.screen.get_untracked();
    let Some(route) = &page.route else { return };
    document::set_busy(true);
    let (screen, list) = match pages::load(route, pages::ANEW).await {
        Ok(found) => found,
        Err(Stop::Trouble(trouble)) => pages::in_trouble(route, trouble),
        Err(Stop::Aborted) => return document::set_busy(false),
    };
    document::set_busy(false);
    if std::sync::Arc::ptr_eq(&page, &desk.screen.get_untracked()) {
        document::announce_page(&screen, true);
        pages::put_on(screen, list);
        leptos::task::tick().await;
        document::focus_heading();
    }
}
