//! The document around the app: title, address, focus, notices, and what the browser says of the
//! reader's wishes. Short functions; whatever the browser refuses is done without.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{
    Document, DocumentFragment, Event, HtmlElement, HtmlImageElement, PointerEvent, Storage, Window,
};

use super::boot::desk;
use crate::content::Base;
use crate::route::Route;
use crate::view::Screen;

fn window() -> Option<Window> {
    web_sys::window()
}

/// The document.
pub fn document() -> Option<Document> {
    window()?.document()
}

/// The element that holds the app.
pub fn mount_element() -> Option<HtmlElement> {
    document()?.get_element_by_id("app")?.dyn_into().ok()
}

/// Puts what was drawn in the place of what stood there before the app came.
pub fn replace(element: &HtmlElement, drawn: &DocumentFragment) {
    element.replace_children_with_node_1(drawn);
}

/// The block of documents that a page which came as HTML carries.
pub fn carried() -> Option<String> {
    document()?.get_element_by_id("documents")?.text_content()
}

/// Marks the document: from now on the app answers.
pub fn say_awake() {
    if let Some(root) = document().and_then(|document| document.document_element()) {
        let _ = root.set_attribute("data-app", "");
    }
}

/// The content of a `<meta>` in the page's head.
pub fn meta(name: &str) -> Option<String> {
    let query = format!("meta[name=\"{name}\"]");
    let meta = document()?.query_selector(&query).ok()??;
    meta.get_attribute("content")
}

/// Where this copy of the edition is served, as far as the page says it.
pub fn base() -> Base {
    meta("manchette:base")
        .and_then(|text| Base::parse(&text))
        .unwrap_or_default()
}

/// The path of the page's address, inside the edition.
pub fn path() -> String {
    let path = window().and_then(|window| window.location().pathname().ok());
    let path = path
        .as_deref()
        .and_then(|path| base().strip(path).map(str::to_owned));
    path.unwrap_or_default()
}

/// The page's whole address.
pub fn address() -> String {
    window()
        .and_then(|window| window.location().href().ok())
        .unwrap_or_default()
}

/// The page of the edition at an absolute address.
pub fn route_of(address: &str) -> Option<Route> {
    let origin = window()?.location().origin().ok()?;
    let path = address.strip_prefix(&origin)?;
    Route::parse(base().strip(path)?)
}

/// Sets what belongs to the page outside the app: title, canonical address, and with `aloud` the
/// word to those who listen.
pub fn announce_page(screen: &Screen, aloud: bool) {
    let Some(document) = document() else { return };
    document.set_title(&screen.title());
    let head = document.head();
    let link = document
        .query_selector("link[rel=canonical]")
        .ok()
        .flatten();
    match (screen.canonical(), link, head) {
        (Some(canonical), Some(link), _) => {
            let _ = link.set_attribute("href", &canonical);
        }
        (Some(canonical), None, Some(head)) => {
            if let Ok(link) = document.create_element("link") {
                let _ = link.set_attribute("rel", "canonical");
                let _ = link.set_attribute("href", &canonical);
                let _ = head.append_child(&link);
            }
        }
        (None, Some(link), _) => link.remove(),
        _ => {}
    }
    if let (true, Some(desk)) = (aloud, desk()) {
        desk.said.set(screen.heading());
    }
}

/// Says above the page that it is a kept one, and since when; or says so no longer.
pub fn show_note(note: Option<&str>) {
    let line = document().and_then(|document| document.get_element_by_id("enregistree"));
    let Some(line) = line else { return };
    let _ = line.toggle_attribute_with_force("hidden", note.is_none());
    line.set_text_content(note);
}

/// What stands there: the worker writes it where it shows a kept page.
pub fn shown_note() -> Option<String> {
    let line = document()?.get_element_by_id("enregistree")?;
    line.text_content().filter(|text| !text.is_empty())
}

/// Puts the focus on the page's headline, where the page itself stays.
pub fn focus_heading() {
    focus("main h1");
}

/// Puts the focus on the newest item's link.
pub fn focus_first_item() {
    wasm_bindgen_futures::spawn_local(async {
        leptos::task::tick().await;
        focus(".feed a, .cards a");
    });
}

fn focus(selector: &str) {
    let element = document().and_then(|document| document.query_selector(selector).ok()?);
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = element.focus_with_options(&options);
    }
}

/// Shows or ends the thin bar that says that something is on its way; the style sheet keeps it
/// hidden for its first 300 ms.
pub fn set_busy(busy: bool) {
    if let Some(root) = document().and_then(|document| document.document_element()) {
        let _ = if busy {
            root.set_attribute("data-busy", "")
        } else {
            root.remove_attribute("data-busy")
        };
    }
}

/// Says that the app has stopped; the page stays as it is. One that is still a shape never gets to
/// be more: it says so in place, as it does when the app does not come.
pub fn show_breakdown() {
    set_busy(false);
    let Some(document) = document() else { return };
    let find = |selector: &str| document.query_selector(selector).ok().flatten();
    if find("#app > .skeleton").is_some() {
        if let (Some(script), Ok(event)) = (find("script[data-app]"), Event::new("error")) {
            let _ = script.dispatch_event(&event);
        }
    } else if let Some(notice) = find("#panne") {
        let _ = notice.remove_attribute("hidden");
    }
}

/// Writes a line to the console, for the newsroom's engineer.
pub fn report(line: &str) {
    web_sys::console::warn_1(&JsValue::from_str(line));
}

/// Puts the words of each picture that does not come in its place, and keeps that place. (Left to
/// themselves browsers differ: WebKit makes the place as high as it is wide.)
pub fn watch_pictures() {
    let listener = Closure::<dyn Fn(web_sys::Event)>::new(|event: web_sys::Event| {
        let image = event
            .target()
            .and_then(|t| t.dyn_into::<HtmlImageElement>().ok());
        if let Some(image) = image {
            let _ = put_words_for(&image);
        }
    });
    if let Some(document) = document() {
        // Those that failed before anybody watched.
        if let Ok(images) = document.query_selector_all("#app img") {
            for index in 0..images.length() {
                let image = images.get(index).and_then(|node| node.dyn_into().ok());
                if let Some(image) = image.filter(has_failed) {
                    let _ = put_words_for(&image);
                }
            }
        }
        let listener = listener.into_js_value();
        // In the capturing phase: a picture's error does not bubble.
        let _ = document.add_event_listener_with_callback_and_bool(
            "error",
            listener.unchecked_ref(),
            true,
        );
    }
}

fn has_failed(image: &HtmlImageElement) -> bool {
    image.complete() && image.natural_width() == 0 && !image.current_src().is_empty()
}

fn put_words_for(image: &HtmlImageElement) -> Result<(), JsValue> {
    let words = document().ok_or(JsValue::NULL)?.create_element("span")?;
    words.set_class_name("missing");
    words.set_text_content(image.get_attribute("alt").as_deref());
    let size = (image.get_attribute("width"), image.get_attribute("height"));
    if let (Some(width), Some(height)) = size {
        let style = HtmlElement::style(words.unchecked_ref());
        style.set_property("--ratio", &[&*width, "/", &*height].concat())?;
    }
    image.replace_with_with_node_1(&words)
}

/// Calls `hear` for each such event of the reader's pointer, for as long as the page lives.
pub fn listen(event: &str, hear: impl Fn(PointerEvent) + 'static) {
    let listener = Closure::<dyn Fn(PointerEvent)>::new(hear);
    if let Some(document) = document() {
        let listener = listener.into_js_value();
        let _ = document.add_event_listener_with_callback(event, listener.unchecked_ref());
    }
}

/// Calls `back` when the page is shown again.
pub fn on_return(back: Closure<dyn Fn()>) {
    let back = back.into_js_value();
    if let (Some(window), Some(document)) = (window(), document()) {
        let back = back.unchecked_ref();
        let _ = document.add_event_listener_with_callback("visibilitychange", back);
        let _ = window.add_event_listener_with_callback("pageshow", back);
    }
}

/// Loads the page anew, once what is under way in it has ended. (Firefox takes a navigation back whose
/// handler is cut short, and would load the page that was left.)
pub fn reload() {
    wasm_bindgen_futures::spawn_local(async {
        super::net::sleep(0).await;
        if let Some(window) = window() {
            let _ = window.location().reload();
        }
    });
}

/// Loads the page anew when the reader goes back or forward within this document.
pub fn reload_on_return() {
    let reload = Closure::<dyn Fn()>::new(reload).into_js_value();
    if let Some(window) = window() {
        let _ = window.add_event_listener_with_callback("popstate", reload.unchecked_ref());
    }
}

/// Calls `leave` when the page is left.
pub fn on_leave(leave: impl Fn() + 'static) {
    let leave = Closure::<dyn Fn()>::new(leave).into_js_value();
    if let Some(window) = window() {
        let _ = window.add_event_listener_with_callback("pagehide", leave.unchecked_ref());
    }
}

/// Whether the page is on the reader's screen.
pub fn is_visible() -> bool {
    document().is_some_and(|document| !document.hidden())
}

/// Whether the reader asks to save data (`Save-Data`, `prefers-reduced-data`).
pub fn saves_data() -> bool {
    let asked = || {
        let navigator = window()?.navigator();
        let connection = js_sys::Reflect::get(&navigator, &"connection".into()).ok()?;
        js_sys::Reflect::get(&connection, &"saveData".into())
            .ok()?
            .as_bool()
    };
    asked().unwrap_or(false) || media("(prefers-reduced-data: reduce)")
}

fn media(query: &str) -> bool {
    let query = window().and_then(|window| window.match_media(query).ok().flatten());
    query.is_some_and(|query| query.matches())
}

/// Whether the reader came to this page by Back, Forward or reload.
pub fn is_return() -> bool {
    let kind = || {
        let entries = window()?.performance()?.get_entries_by_type("navigation");
        let entry = entries.get(0);
        js_sys::Reflect::get(&entry, &"type".into())
            .ok()?
            .as_string()
    };
    kind().is_some_and(|kind| kind != "navigate")
}

/// How far the page is scrolled down, in CSS pixels.
#[allow(clippy::cast_possible_truncation, reason = "no page is that long")]
pub fn scrolled() -> i32 {
    let y = window().and_then(|window| window.scroll_y().ok());
    y.unwrap_or_default() as i32
}

/// Scrolls the page down to `y`, in CSS pixels.
pub fn scroll_to(y: i32) {
    if let Some(window) = window() {
        window.scroll_to_with_x_and_y(0.0, f64::from(y));
    }
}

/// Makes a change above what the reader sees, and leaves that where it is: the cards stay when the
/// list above them grows. (The browser's own scroll anchoring is off, for the sake of the text
/// size; WebKit has none.)
pub async fn change_above_cards(change: impl FnOnce()) {
    let top = |selector: &str| {
        let element = document()?.query_selector(selector).ok()??;
        Some(element.get_bounding_client_rect().top())
    };
    // A reader who sees where the list begins sees it grow.
    let above = top(".latest").is_some_and(|top| top < 0.0);
    let before = top(".related").filter(|_| above);
    change();
    leptos::task::tick().await;
    if let (Some(window), Some(before), Some(after)) = (window(), before, top(".related")) {
        window.scroll_by_with_x_and_y(0.0, after - before);
    }
}

/// The tab's own storage, where the browser allows it.
pub fn session_storage() -> Option<Storage> {
    window()?.session_storage().ok().flatten()
}
