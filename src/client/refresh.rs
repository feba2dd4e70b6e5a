//! Asks for newer items while somebody is looking: on return to the page, and every so often; less and
//! less often while the backend fails. Not where the reader asks to save data.

use std::cell::Cell;

use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::spawn_local;

use super::boot::desk;
use super::net::{alone, sleep};
use super::{document, pages};
use crate::schedule;

/// A return to the page within so many seconds of the last look asks for nothing.
const PAUSE: u32 = 5;

thread_local! {
    static LAST: Cell<f64> = const { Cell::new(0.0) };
    /// How many looks in a row have failed.
    static FAILURES: Cell<u32> = const { Cell::new(0) };
}

/// Begins to ask.
pub fn start() {
    LAST.with(|last| last.set(js_sys::Date::now()));
    let returned = Closure::<dyn Fn()>::new(|| {
        let age = js_sys::Date::now() - LAST.with(Cell::get);
        // From the future, where the clock has been set back meanwhile.
        if !(0.0..=f64::from(pause(PAUSE))).contains(&age) {
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
            sleep(pause(seconds)).await;
            look().await;
        }
    });
}

fn pause(seconds: u32) -> u32 {
    let failures = FAILURES.with(Cell::get);
    schedule::refresh(seconds, failures, alone(), js_sys::Math::random())
}

async fn look() {
    // The backend may have asked for a pause since this look was due.
    if document::is_visible() && !document::saves_data() && alone() <= 0.0 {
        LAST.with(|last| last.set(js_sys::Date::now()));
        let failures = if pages::look_for_newer().await {
            0
        } else {
            FAILURES.with(Cell::get).saturating_add(1)
        };
        FAILURES.with(|kept| kept.set(failures));
    }
}
