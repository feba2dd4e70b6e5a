//! A page's data is on its way before the finger lifts: fetched when a link is pressed, or when the
//! mouse rests on it. Not where the reader asks to save data.

use std::cell::RefCell;

use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise, spawn_local};
use web_sys::{Element, PointerEvent};

use super::{
    document, navigate,
    net::{Stop, Wish, sleep},
    pages,
};
use crate::content::Trouble;
use crate::route::Route;

/// How long the mouse rests on a link before its page is fetched, in milliseconds.
const REST: u32 = 80;

#[derive(Default)]
struct State {
    /// The link under the mouse.
    hovered: Option<Route>,
    /// What is on its way.
    under_way: Option<(Route, Promise)>,
    /// How the last one failed, if it did.
    failed: Option<Trouble>,
}

thread_local! {
    static STATE: RefCell<State> = RefCell::default();
}

/// Begins to watch the reader's pointer.
pub fn start() {
    // Without the Navigation API a link loads its page whole, and nothing fetched here would serve.
    if !navigate::is_supported() || document::saves_data() {
        return;
    }
    document::listen("pointerdown", |event| {
        if let Some(route) = link_under(&event) {
            fetch(route);
        }
    });
    document::listen("pointerover", |event| {
        let route = link_under(&event).filter(|_| event.pointer_type() == "mouse");
        STATE.with(|state| state.borrow_mut().hovered.clone_from(&route));
        let Some(route) = route else { return };
        spawn_local(async move {
            sleep(REST).await;
            let still = STATE.with(|state| state.borrow().hovered.as_ref() == Some(&route));
            if still {
                fetch(route);
            }
        });
    });
}

fn link_under(event: &PointerEvent) -> Option<Route> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let link = target.closest("a[href]").ok()??;
    let link: web_sys::HtmlAnchorElement = link.dyn_into().ok()?;
    document::route_of(&link.href())
}

fn fetch(route: Route) {
    let busy = STATE.with(|state| {
        let state = state.borrow();
        state.under_way.as_ref().is_some_and(|(r, _)| *r == route)
    });
    if busy || pages::remembered(&route, true).is_some() {
        return;
    }
    let promise = {
        let route = route.clone();
        future_to_promise(async move {
            // What goes wrong here is said when the reader really goes there.
            let failed = match pages::load(&route, Wish::default()).await {
                Err(Stop::Trouble(trouble)) => Some(trouble),
                _ => None,
            };
            STATE.with(|state| {
                let mut state = state.borrow_mut();
                state.failed = failed;
                if state.under_way.as_ref().is_some_and(|(r, _)| *r == route) {
                    state.under_way = None;
                }
            });
            Ok(JsValue::UNDEFINED)
        })
    };
    STATE.with(|state| state.borrow_mut().under_way = Some((route, promise)));
}

/// Waits for the page at `route` if it is on its way already, so that it is not fetched twice.
/// Returns what went wrong, if it did just now.
pub async fn finish(route: &Route) -> Option<Trouble> {
    let promise = STATE.with(|state| {
        let state = state.borrow();
        let under_way = state.under_way.as_ref();
        under_way
            .filter(|(under_way, _)| under_way == route)
            .map(|(_, promise)| promise.clone())
    });
    let _ = JsFuture::from(promise?).await;
    STATE.with(|state| state.borrow_mut().failed.take())
}
