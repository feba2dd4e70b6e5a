//! A line that is slow and lossy: what is shown when, what is asked how often, what can be given up.
//! Answers that are late on a good line are in faults.rs and moving.rs.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;

use super::faults::headline;
use super::prerendered::awake;
use crate::Trouble;
use crate::case::{Case, Done, fault};
use crate::engine::Needs;
use crate::front::{Answer, Front};
use crate::line::Line;
use crate::page::Page;
use crate::site::Site;

pub const CASES: &[Case] = &[
    fault!(
        a_slow_and_lossy_line,
        PAGES.impatient(),
        "400 ms there and back, 200 kbit/s, one segment in twenty lost: a first visit",
        "the whole page, larger at a tap, long before the app; nothing is asked for twice"
    ),
    fault!(
        what_fails_on_a_slow_line_is_asked_for_once_more,
        PAGES,
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

const PAGES: Needs = Needs::NOTHING.prerendered();
const A: &str = "/politique/le-role-des-regions/";
const A_HEADLINE: &str = "Le rôle des régions";
const A_JSON: &str = "/api/articles/le-role-des-regions.json";
const B: &str = "/politique/qu-est-ce-qu-une-motion/";
const B_HEADLINE: &str = "Qu’est-ce qu’une motion ?";
const HOME: &str = "À la une";

async fn slow(site: &Site, page: &Page) -> Result<Front, Trouble> {
    let front = site.front().await?;
    front.over(Line::new(Duration::from_millis(400), 200, 20));
    page.through(&front);
    Ok(front)
}

/// The app takes its time on such a line: more than a page usually has.
async fn awake_at_last(page: &Page) -> Result<(), Trouble> {
    let mut result = awake(page).await;
    for _ in 0..3 {
        if result.is_ok() {
            break;
        }
        result = awake(page).await;
    }
    result
}

async fn click(page: &Page, path: &str) -> Result<(), Trouble> {
    let card = format!(".card a[href=\"{path}\"]");
    let script = "document.querySelector(arguments[0]).click()";
    page.run(script, vec![json!(card)]).await?;
    Ok(())
}

async fn a_slow_and_lossy_line(site: &Site, page: &Page) -> Done {
    let front = slow(site, page).await?;
    page.reads(A, A_HEADLINE).await?;
    page.click_the("radio", "Maximale").await?;
    page.wait_for("getComputedStyle(document.documentElement).fontSize === '32px'")
        .await?;
    awake_at_last(page).await?;
    page.wait_for("document.readyState === 'complete'").await?;
    // The worker's part comes last.
    front.asked("/404.html").await?;
    let mut asked = BTreeMap::<String, usize>::new();
    for seen in front.requests("*") {
        *asked.entry(seen.path).or_default() += 1;
    }
    asked.retain(|_, times| *times > 1);
    assert_eq!(asked, BTreeMap::new());
    Ok(())
}

async fn what_fails_on_a_slow_line_is_asked_for_once_more(site: &Site, page: &Page) -> Done {
    let front = slow(site, page).await?;
    page.reads("/", HOME).await?;
    awake_at_last(page).await?;
    let in_the_app: bool = page.eval("'navigation' in window").await?;
    let path = if in_the_app { A_JSON } else { A };
    front.answer(path, Answer::status(503).times(1));
    front.forget();
    page.run("window.mark = 1", vec![]).await?;
    click(page, A).await?;
    if in_the_app {
        // What stands there stays until there is something better.
        front.asked(path).await?;
        headline(page, HOME).await?;
        headline(page, A_HEADLINE).await?;
        assert!(page.eval::<bool>("window.mark === 1").await?);
        assert_eq!(front.count(path), 2);
    } else {
        headline(page, A_HEADLINE).await?;
    }
    assert_eq!(page.path().await?, A);
    Ok(())
}

async fn a_page_on_its_way_is_given_up_for_another(site: &Site, page: &Page) -> Done {
    let front = slow(site, page).await?;
    page.reads("/", HOME).await?;
    awake_at_last(page).await?;
    // In a page that is loaded whole these are not there to be read; there the address tells.
    page.run(
        "window.notes = [];
         setInterval(() => notes.push(document.querySelector('h1')?.textContent.replace(/\\s+/g, ' ')), 4)",
        vec![],
    )
    .await?;
    front.forget();
    click(page, A).await?;
    click(page, B).await?;
    headline(page, B_HEADLINE).await?;
    assert_eq!(page.path().await?, B);
    let notes: Vec<String> = page.eval("window.notes ?? []").await?;
    assert!(!notes.iter().any(|note| note == A_HEADLINE), "{notes:?}");
    assert!(front.count(A_JSON) + front.count(A) <= 1, "asked for again");
    assert!(front.count(B) + front.count("/api/articles/qu-est-ce-qu-une-motion.json") == 1);
    // And the way back is one step.
    page.back().await?;
    headline(page, HOME).await?;
    Ok(())
}
