//! What can be read without a network: the worker (public/sw.js) keeps it and says what it has, and
//! is asked here for the reader to keep an article, or to keep it no longer.

use std::cell::RefCell;

use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{MessageEvent, Navigator, ServiceWorkerContainer, ServiceWorkerRegistration};

use super::boot::{desk, with_app};
use super::document;
use crate::content::{self, Field};
use crate::route::Route;
use crate::view::{Kept, Shelf, words};

thread_local! {
    /// What the reader has just asked for: whether this article is to be kept, whose page has this path.
    static WISH: RefCell<Option<(String, Route, bool)>> = const { RefCell::new(None) };
}

/// Begins to hear what the worker has, and asks for it.
pub fn start() {
    let Some(workers) = workers() else { return };
    let hear = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
        if let Some(list) = event.data().as_string() {
            put(&list);
        }
    });
    let hear = hear.into_js_value();
    let _ = workers.add_event_listener_with_callback("message", hear.unchecked_ref());
    ask(&[]);
}

/// Keeps an article for later, or keeps it no longer.
pub fn keep(route: Route, wanted: bool) {
    let backend = with_app(|app| app.backend.address(&route.document())).unwrap_or_default();
    let page = document::base().path(&route.to_string());
    let verb = if wanted { "save" } else { "drop" };
    ask(&[(verb, &page), ("document", &backend)]);
    WISH.with(|wish| *wish.borrow_mut() = Some((page, route, wanted)));
    if let (true, Some(navigator)) = (wanted, navigator()) {
        // Kept where the browser would rather make room, as far as it can be asked to.
        let storage = navigator.storage();
        if !storage.is_undefined() {
            let _ = storage.persist();
        }
    }
}

/// Gives the worker a document that the first page is made of: it may have come before there was one.
pub fn hand_over(address: &str, bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    ask(&[("came", address), ("text", text)]);
}

fn navigator() -> Option<Navigator> {
    Some(web_sys::window()?.navigator())
}

/// None where the browser has no workers, or allows none here.
fn workers() -> Option<ServiceWorkerContainer> {
    let workers = navigator()?.service_worker();
    (!workers.is_undefined()).then_some(workers)
}

/// Sends the worker a message, once there is one.
fn ask(members: &[(&str, &str)]) {
    let message = js_sys::Object::new();
    for (name, value) in members {
        let _ = js_sys::Reflect::set(&message, &(*name).into(), &(*value).into());
    }
    spawn_local(async move {
        let ready = workers().and_then(|workers| workers.ready().ok());
        let Some(ready) = ready else { return };
        let Ok(registration) = JsFuture::from(ready).await else {
            return;
        };
        let registration: ServiceWorkerRegistration = registration.unchecked_into();
        if let Some(worker) = registration.active() {
            let _ = worker.post_message(&message);
        }
    });
}

/// Shows what the worker has, and says what became of the reader's wish.
fn put(list: &str) {
    let Some(desk) = desk() else { return };
    let read = |list: &Field| Some((list.member("done").text(), kept(list)));
    let Ok((done, articles)) = content::decode(list.as_bytes(), read).value else {
        return;
    };
    let mut shelf = Shelf {
        articles,
        refused: None,
    };
    // A list that was asked for otherwise says nothing of the wish.
    let wish = WISH.with(|wish| {
        wish.borrow_mut()
            .take_if(|(page, ..)| done.as_deref() == Some(page.as_str()))
    });
    if let Some((_, route, wanted)) = wish {
        let said = match (wanted, shelf.has_saved(&route)) {
            (true, true) => words::SAVED,
            (false, _) => words::DROPPED,
            (true, false) => {
                shelf.refused = Some(route);
                words::LATER_REFUSED
            }
        };
        desk.said.set(said.to_owned());
    }
    desk.shelf.set(shelf);
}

fn kept(list: &Field) -> Vec<Kept> {
    list.member("articles").list(|article| {
        Some(Kept {
            route: Route::parse(article.member("path").raw()?)?,
            headline: article.member("headline").text()?,
            saved: article.member("saved").flag(),
            when: article.member("kept").text()?,
        })
    })
}
