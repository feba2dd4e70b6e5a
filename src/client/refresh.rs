//! Asks for newer items while somebody is looking: on return to the page, and every so often.
//! Not where the reader asks to save data.

use std::cell::Cell;

use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::spawn_local;

use super::boot::desk;
use super::net::sleep;
use super::{document, pages};

/// A return to the page within so many milliseconds of the last look asks for nothing.
const PAUSE: f64 = 5_000.0;

thread_local! {
    static LAST: Cell<f64> = const { Cell::new(0.0) };
}

/// Begins to ask.
pub fn start() {
    LAST.with(|last| last.set(js_sys::Date::now()));
    let returned = Closure::<dyn FnMut()>::new(|| {
        let age = js_sys::Date::now() - LAST.with(Cell::get);
        if age > PAUSE {
            spawn_local(look());
        }
    });
    document::on_return(returned);
    spawn_local(async {
        loop {
            let seconds = desk().map_or(60, |desk| {
                desk.screen
                    .with_untracked(|screen| screen.site.feed_refresh_seconds)
            });
            // A day at most: a timer's milliseconds are 32 bits wide.
            let seconds = i32::try_from(seconds.min(86_400)).unwrap_or(86_400);
            sleep(seconds * 1_000).await;
            look().await;
        }
    });
}

async fn look() {
    if document::is_visible() && !document::saves_data() {
        LAST.with(|last| last.set(js_sys::Date::now()));
        pages::look_for_newer().await;
    }
}
