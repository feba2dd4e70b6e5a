//! One GET, with everything that keeps a reader from waiting for ever: a limit on time and size,
//! two more attempts where that can help, and an end when nobody wants the answer any more.

use std::cell::{Cell, RefCell};

use futures_util::future::{Either, select};
use gloo_net::http::{Request, Response};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal, ReadableStreamDefaultReader, RequestCache};

use crate::content::{DOCUMENT_LIMIT, Trouble};
use crate::schedule::{self, Again};

/// How long a whole answer may take, its body included, in milliseconds.
const ANSWER_LIMIT: u32 = 10_000;

thread_local! {
    /// Until when the server asked to be left alone, by this device's clock.
    static ALONE: Cell<f64> = const { Cell::new(0.0) };
    /// The documents that last came from the worker's store, and what it says of that.
    static NOTES: RefCell<Vec<(String, String)>> = const { RefCell::new(Vec::new()) };
}

/// On whose behalf something is fetched.
#[derive(Clone, Copy, Default)]
pub struct Wish<'a> {
    /// Ends it, when the reader goes elsewhere.
    pub abort: Option<&'a AbortSignal>,
    /// The reader tries again: a copy in the browser's cache, be it of an error, is asked about.
    pub anew: bool,
    /// Nobody waits for it: one attempt.
    pub idle: bool,
}

impl Wish<'_> {
    fn is_over(&self) -> bool {
        self.abort.is_some_and(AbortSignal::aborted)
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Stop {
    /// The reader went elsewhere.
    Aborted,
    /// What to tell the reader.
    Trouble(Trouble),
}

/// One failed attempt.
struct Failure {
    trouble: Trouble,
    again: Again,
}

/// What the worker said of the document at `url`, where it came from its store: since when it is kept,
/// in words.
pub fn note(url: &str) -> Option<String> {
    NOTES.with(|notes| {
        let notes = notes.borrow();
        let note = notes.iter().find(|(of, _)| of == url);
        note.map(|(_, note)| note.clone())
    })
}

/// Notes, or forgets, that the document at `url` came from the worker's store.
pub fn put_note(url: &str, note: Option<String>) {
    NOTES.with(|notes| {
        let mut notes = notes.borrow_mut();
        notes.retain(|(of, _)| of != url);
        notes.extend(note.map(|note| (url.to_owned(), note)));
    });
}

/// The body of the answer to a GET.
pub async fn get(url: &str, wish: Wish<'_>) -> Result<Vec<u8>, Stop> {
    let mut attempt = 1;
    loop {
        let answer = once(url, wish).await;
        if wish.is_over() {
            return Err(Stop::Aborted);
        }
        let failure = match answer {
            Ok(bytes) => return Ok(bytes),
            Err(failure) => failure,
        };
        if let Again::After(asked) = failure.again {
            ALONE.with(|alone| alone.set(js_sys::Date::now() + asked));
        }
        let wait = schedule::retry(attempt, failure.again, js_sys::Math::random());
        let Some(wait) = wait.filter(|_| !wish.idle) else {
            return Err(Stop::Trouble(failure.trouble));
        };
        sleep(wait).await;
        if wish.is_over() {
            return Err(Stop::Aborted);
        }
        attempt += 1;
    }
}

/// For how many milliseconds the server still asks to be left alone.
pub fn alone() -> f64 {
    (ALONE.with(Cell::get) - js_sys::Date::now()).max(0.0)
}

/// One attempt within the limit on time.
async fn once(url: &str, wish: Wish<'_>) -> Result<Vec<u8>, Failure> {
    let network = || Failure {
        trouble: Trouble::Network,
        again: Again::Soon,
    };
    let controller = AbortController::new().map_err(|_| network())?;
    let _link = wish.abort.map(|abort| Linked::new(abort, &controller));
    let answer = std::pin::pin!(fetch(url, &controller, wish.anew));
    let limit = std::pin::pin!(sleep(ANSWER_LIMIT));
    match select(answer, limit).await {
        Either::Left((answer, _)) => answer.unwrap_or_else(|_| Err(network())),
        Either::Right(_) => {
            controller.abort();
            Err(Failure {
                trouble: Trouble::Timeout,
                again: Again::No,
            })
        }
    }
}

/// The answer, an answer that is of no use, or nothing that could be called an answer.
async fn fetch(
    url: &str,
    controller: &AbortController,
    anew: bool,
) -> Result<Result<Vec<u8>, Failure>, JsValue> {
    let cache = if anew {
        RequestCache::NoCache
    } else {
        RequestCache::Default
    };
    let request = Request::get(url)
        .cache(cache)
        .abort_signal(Some(&controller.signal()))
        .header("accept", "application/json");
    let response = request.send().await.map_err(|_| JsValue::NULL)?;
    let status = response.status();
    if !response.ok() {
        controller.abort();
        return Ok(Err(Failure {
            trouble: match status {
                404 | 410 => Trouble::Missing,
                status => Trouble::Status(status),
            },
            again: match status {
                429 | 500.. => retry_after(&response).map_or(Again::Soon, Again::After),
                _ => Again::No,
            },
        }));
    }
    let kept = response.headers().get("x-manchette-kept");
    let words = kept.and_then(|text| js_sys::decode_uri_component(&text).ok());
    put_note(url, words.map(String::from));
    let mut bytes = Vec::new();
    let Some(body) = response.body() else {
        return Ok(Ok(bytes));
    };
    let reader: ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    loop {
        let chunk = JsFuture::from(reader.read()).await?;
        let chunk = js_sys::Reflect::get(&chunk, &JsValue::from_str("value"))?;
        if chunk.is_undefined() {
            break;
        }
        let chunk: js_sys::Uint8Array = chunk.unchecked_into();
        if bytes.len() + chunk.length() as usize > DOCUMENT_LIMIT {
            controller.abort();
            return Ok(Err(Failure {
                trouble: Trouble::TooLarge,
                again: Again::No,
            }));
        }
        bytes.append(&mut chunk.to_vec());
    }
    // The contract has no byte-order mark, but a reader should not pay for one.
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    Ok(Ok(bytes))
}

/// `Retry-After` in milliseconds from now (RFC 9110, 10.2.3: seconds, or a date). A date is counted from
/// the answer's own where it has one: the device's clock may be a day off.
fn retry_after(response: &Response) -> Option<f64> {
    let value = response.headers().get("retry-after")?;
    let wait = match value.trim().parse::<u32>() {
        Ok(seconds) => f64::from(seconds) * 1_000.0,
        Err(_) => {
            let now = response.headers().get("date");
            let now = now.map_or_else(js_sys::Date::now, |date| js_sys::Date::parse(&date));
            js_sys::Date::parse(&value) - now
        }
    };
    (!wait.is_nan()).then_some(wait.max(0.0))
}

/// While it lives, an abort of the one aborts the other.
struct Linked<'a> {
    from: &'a AbortSignal,
    listener: Closure<dyn Fn()>,
}

impl<'a> Linked<'a> {
    fn new(from: &'a AbortSignal, to: &AbortController) -> Self {
        let to = to.clone();
        let listener = Closure::new(move || to.abort());
        let _ = from.add_event_listener_with_callback("abort", listener.as_ref().unchecked_ref());
        Self { from, listener }
    }
}

impl Drop for Linked<'_> {
    fn drop(&mut self) {
        let listener = self.listener.as_ref().unchecked_ref();
        let _ = self
            .from
            .remove_event_listener_with_callback("abort", listener);
    }
}

/// Waits for so many milliseconds.
pub async fn sleep(milliseconds: u32) {
    let milliseconds = i32::try_from(milliseconds).unwrap_or(i32::MAX);
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        if let Some(window) = web_sys::window() {
            let _ = window
                .set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
        }
    });
    let _ = JsFuture::from(promise).await;
}
