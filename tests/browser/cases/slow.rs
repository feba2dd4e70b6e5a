//! A line that is slow and lossy: what is shown when, what is asked how often, what can be given up.
//! Answers that are late on a good line are in faults.rs and moving.rs.

use std::collections::BTreeMap;
use std::time::Duration;

use hyper::header::HeaderValue;
use serde_json::json;

use super::faults::headline;
use super::moving::{A, A_HEADLINE, A_JSON, B, B_HEADLINE, B_JSON, HOME, NO_NAVIGATION};
use super::prerendered::awake;
use super::without::enlarges;
use crate::Trouble;
use crate::case::{Case, Done, fault};
use crate::engine::{Engine, Needs};
use crate::front::{Answer, Front};
use crate::line::Line;
use crate::page::Page;
use crate::site::Site;

pub const CASES: &[Case] = &[
    fault!(
        a_slow_and_lossy_line,
        PAGES,
        "400 ms there and back, 200 kbit/s, one segment in twenty lost: a first visit",
        "the whole page, larger at a tap, before the app; nothing is asked for more often than on a good line"
    ),
    fault!(
        what_fails_on_a_slow_line_is_asked_for_once_more,
        PAGES.not_in(NO_NAVIGATION),
        "the same line, and the backend answers 503 once",
        "the page that was left, then the next one; one more request"
    ),
    fault!(
        a_page_on_its_way_is_given_up_for_another,
        PAGES,
        "the same line, and the reader taps another card before the first page came",
        "the page that was tapped last, and never the first"
    ),
];

const PAGES: Needs = Needs::NOTHING.prerendered().impatient();

async fn slow(site: &Site, page: &Page) -> Result<Front, Trouble> {
    let front = site.front().await?;
    front.over(Line::new(Duration::from_millis(400), 200, 20));
    page.through(&front);
    Ok(front)
}

/// More time than things usually have, for they take it.
async fn patiently(mut wait: impl AsyncFnMut() -> Result<(), Trouble>) -> Result<(), Trouble> {
    for _ in 0..3 {
        if wait().await.is_ok() {
            return Ok(());
        }
    }
    wait().await
}

/// The home page, with the app awake, and everything that the reader sees from now on in `notes`.
async fn at_home(page: &Page) -> Result<(), Trouble> {
    page.reads("/", HOME).await?;
    patiently(async || awake(page).await).await?;
    let script = "window.notes = [];
        setInterval(() => {
            const seen = document.querySelector('h1')?.textContent.replace(/\\s+/g, ' ');
            if (notes.at(-1) !== seen) notes.push(seen);
        }, 4)";
    page.run(script, vec![]).await?;
    Ok(())
}

/// Clicks on the cards of these articles, a moment apart.
async fn click(page: &Page, paths: &[&str]) -> Result<(), Trouble> {
    let script = "arguments[0].forEach((path, index) => setTimeout(
        () => document.querySelector(`.card a[href=\"${path}\"]`).click(), index * 150))";
    page.run(script, vec![json!(paths)]).await?;
    Ok(())
}

/// A first visit: what is asked for, and how often.
async fn first_visit(front: &Front, page: &Page) -> Result<BTreeMap<String, usize>, Trouble> {
    page.through(front);
    page.reads(A, A_HEADLINE).await?;
    enlarges(page).await?;
    patiently(async || awake(page).await).await?;
    // The worker's part comes last.
    patiently(async || front.asked("/404.html").await).await?;
    let mut asked = BTreeMap::new();
    for seen in front.requests("*") {
        // WebKit has no cache while it is driven: the worker asks again there, one after the other.
        let by_worker = |referer: &HeaderValue| referer.as_bytes().ends_with(b"/sw.js");
        if page.engine() == Engine::WebKit && seen.headers.get("referer").is_some_and(by_worker) {
            continue;
        }
        *asked.entry(seen.path).or_default() += 1;
    }
    Ok(asked)
}

async fn a_slow_and_lossy_line(site: &Site, page: &Page) -> Done {
    let good = site.front().await?;
    let on_a_good_line = first_visit(&good, page).await?;
    let slow = slow(site, page).await?;
    assert_eq!(first_visit(&slow, page).await?, on_a_good_line);
    // (There it asks for the module twice, too: by its hash, and to import it.)
    if page.engine() != Engine::WebKit {
        let twice: Vec<_> = on_a_good_line.iter().filter(|(_, n)| **n > 1).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }
    Ok(())
}

async fn what_fails_on_a_slow_line_is_asked_for_once_more(site: &Site, page: &Page) -> Done {
    let front = slow(site, page).await?;
    at_home(page).await?;
    front.answer(A_JSON, Answer::status(503).times(1));
    front.forget();
    click(page, &[A]).await?;
    headline(page, A_HEADLINE).await?;
    assert_eq!(page.path().await?, A);
    assert_eq!(front.count(A_JSON), 2);
    // What stood there stayed until there was something better.
    page.wait_for("notes.length > 1").await?;
    let notes: Vec<String> = page.eval("notes").await?;
    assert_eq!(notes, [HOME, A_HEADLINE]);
    Ok(())
}

async fn a_page_on_its_way_is_given_up_for_another(site: &Site, page: &Page) -> Done {
    let front = slow(site, page).await?;
    at_home(page).await?;
    front.forget();
    click(page, &[A, B]).await?;
    headline(page, B_HEADLINE).await?;
    assert_eq!(page.path().await?, B);
    for (path, json) in [(A, A_JSON), (B, B_JSON)] {
        let (page, json) = (front.count(path), front.count(json));
        assert!(page <= 1 && json <= 1, "{path}: {page}, {json} times");
    }
    // Where pages are loaded whole, the notes went with the old one.
    let notes: Vec<String> = page.eval("window.notes ?? []").await?;
    assert!(!notes.iter().any(|note| note == A_HEADLINE), "{notes:?}");
    // Back leads to what was seen, and not to what was given up.
    page.back().await?;
    patiently(async || headline(page, HOME).await).await?;
    assert_eq!(page.path().await?, "/");
    Ok(())
}
