//! Moving about: links of the edition, Back and Forward, what is fetched ahead and what is kept.
//! Where a browser lacks the Navigation API links load their page whole, and come out the same.

use std::time::Duration;

use serde_json::json;

use super::faults::{front, headline};
use crate::Trouble;
use crate::case::{Case, Done, case};
use crate::engine::{Engine, Needs};
use crate::front::{Answer, Front};
use crate::page::Page;
use crate::site::Site;

pub const CASES: &[Case] = &[
    case!(a_card_opens_its_article),
    case!(each_page_says_what_and_where_it_is),
    case!(back_and_forward_lead_to_the_same_place),
    case!(what_is_not_a_plain_link_to_a_page_is_left_to_the_browser),
    case!(links_to_no_page_open_in_the_browser),
    case!(
        a_link_opens_elsewhere_where_the_reader_says_so,
        Needs::NOTHING.not_in(NO_OTHER_TAB)
    ),
    case!(
        the_old_page_stays_until_the_new_one_is_there,
        Needs::NOTHING.not_in(NO_NAVIGATION)
    ),
    case!(
        a_slow_answer_never_replaces_a_newer_page,
        Needs::NOTHING.not_in(NO_NAVIGATION)
    ),
    case!(
        a_page_on_its_way_is_stopped,
        Needs::NOTHING.impatient().not_in(NO_NAVIGATION)
    ),
    case!(two_quick_clicks_open_what_was_clicked_last),
    case!(
        a_link_under_the_pointer_is_fetched_ahead,
        Needs::NOTHING.not_in(NO_NAVIGATION)
    ),
    case!(
        nothing_is_fetched_ahead_where_data_is_saved,
        Needs::NOTHING.not_in(NO_NAVIGATION)
    ),
    case!(
        a_page_seen_a_moment_ago_is_not_asked_for_again,
        Needs::NOTHING.not_in(NO_NAVIGATION)
    ),
    case!(reload_keeps_the_page),
    case!(back_leads_to_what_was_no_page),
    case!(
        what_was_withdrawn_does_not_come_back,
        Needs::NOTHING.noisy()
    ),
    case!(
        a_way_within_the_page_does_not_stop_the_one_on_its_way,
        Needs::NOTHING.not_in(NO_NAVIGATION)
    ),
    case!(what_failed_when_fetched_ahead_is_not_tried_twice),
    case!(addresses_open_however_they_are_spelt),
];

/// The reason why what happens between two pages cannot be seen in one of the engines.
pub const NO_NAVIGATION: &[(Engine, &str)] = &[(
    Engine::WebKit,
    "has no Navigation API: links load their page whole",
)];

const NO_OTHER_TAB: &[(Engine, &str)] = &[(
    Engine::WebKit,
    "its MiniBrowser opens every link in the same tab",
)];

/// Two articles that the home page shows.
pub const A: &str = "/politique/le-role-des-regions/";
pub const A_HEADLINE: &str = "Le rôle des régions";
pub const A_JSON: &str = "/api/articles/le-role-des-regions.json";
pub const B: &str = "/politique/qu-est-ce-qu-une-motion/";
pub const B_HEADLINE: &str = "Qu’est-ce qu’une motion ?";
pub const B_JSON: &str = "/api/articles/qu-est-ce-qu-une-motion.json";
pub const HOME: &str = "À la une";

/// The card of the page that leads to an address.
fn card(path: &str) -> String {
    format!(".card a[href=\"{path}\"]")
}

/// The home page, marked so that a reload can be told.
async fn at_home(page: &Page) -> Result<bool, Trouble> {
    page.open("/").await?;
    headline(page, HOME).await?;
    page.wait_for("document.querySelectorAll('.card').length === 7")
        .await?;
    page.run("window.mark = 1", vec![]).await?;
    page.eval("'navigation' in window").await
}

/// A click without the waiting and the pointer that come with WebDriver's.
async fn click_at_once(page: &Page, css: &str) -> Result<(), Trouble> {
    page.run(
        "document.querySelector(arguments[0]).click()",
        vec![json!(css)],
    )
    .await?;
    Ok(())
}

/// Scrolls there, so that a click need not.
async fn into_view(page: &Page, css: &str) -> Result<(), Trouble> {
    page.run("document.querySelector(arguments[0]).scrollIntoView({ block: 'center', behavior: 'instant' })", vec![json!(css)]).await?;
    page.at_rest().await
}

/// The page has not been loaded anew since it was marked.
async fn same_document(page: &Page) -> Result<bool, Trouble> {
    page.eval("window.mark === 1").await
}

/// So long after the document began; for what must not have happened by then.
async fn age(page: &Page, more: u32) -> Result<(), Trouble> {
    let now: f64 = page.eval("performance.now()").await?;
    page.wait_for(&format!("performance.now() > {now} + {more}"))
        .await
}

async fn a_card_opens_its_article(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    let in_the_app = at_home(page).await?;
    into_view(page, &card(A)).await?;
    assert!(page.eval::<f64>("scrollY").await? > 100.0);
    page.click(&card(A)).await?;
    headline(page, A_HEADLINE).await?;
    assert_eq!(page.path().await?, A);
    assert_eq!(page.eval::<f64>("scrollY").await?, 0.0, "not at the top");
    assert_eq!(page.count("h1").await?, 1);
    assert_eq!(front.count(A_JSON), 1);
    assert_eq!(same_document(page).await?, in_the_app, "without a reload");
    if in_the_app {
        page.wait_for("document.activeElement === document.querySelector('main h1')")
            .await?;
        assert_eq!(page.focus().await?, format!("heading {A_HEADLINE}"));
        page.wait_for(&format!(
            "document.querySelector('[role=status]').textContent === '{A_HEADLINE}'"
        ))
        .await?;
        assert_eq!(page.eval::<f64>("scrollY").await?, 0.0, "the focus scrolls");
        assert_eq!(front.count("/index.html") + front.count(A), 0);
    }
    // The list beside it and the cards lead on in the same way.
    page.click(&format!(".latest a[href=\"{B}\"]")).await?;
    headline(page, B_HEADLINE).await?;
    page.wait_for("scrollY === 0").await?;
    assert_eq!(same_document(page).await?, in_the_app, "without a reload");
    Ok(())
}

async fn each_page_says_what_and_where_it_is(_: &Site, page: &Page) -> Done {
    let in_the_app = at_home(page).await?;
    let name = "Le Courrier des Deux Rives";
    let check = async |path: &str, title: &str, document_title: &str, current: &[&str]| {
        headline(page, title).await?;
        page.wait_for(&format!(
            "document.title.replace(/\\s+/g, ' ') === '{document_title}'"
        ))
        .await?;
        let canonical = format!("https://example.org{path}");
        page.wait_for(&format!(
            "document.querySelector('link[rel=canonical]').href === '{canonical}'"
        ))
        .await?;
        let marked: Vec<String> = page
            .eval("Array.from(document.querySelectorAll('[aria-current]'), a => `${a.getAttribute('href')} ${a.getAttribute('aria-current')}`)")
            .await?;
        if marked != current {
            return Err(format!("{path}: marked as current are {marked:?}").into());
        }
        if page.count("link[rel=canonical]").await? != 1 || page.path().await? != path {
            return Err(format!("{path}: not one canonical address").into());
        }
        Ok::<_, Trouble>(())
    };
    check("/", HOME, name, &["/ page"]).await?;
    page.click(&card(A)).await?;
    let a_title = format!("{A_HEADLINE} | {name}");
    check(A, A_HEADLINE, &a_title, &["/politique/ true"]).await?;
    page.click(".sections a[href=\"/culture/\"]").await?;
    let culture = format!("Culture | {name}");
    check("/culture/", "Culture", &culture, &["/culture/ page"]).await?;
    page.click(".masthead-name a").await?;
    check("/", HOME, name, &["/ page"]).await?;
    page.back().await?;
    check("/culture/", "Culture", &culture, &["/culture/ page"]).await?;
    page.back().await?;
    check(A, A_HEADLINE, &a_title, &["/politique/ true"]).await?;
    page.forward().await?;
    check("/culture/", "Culture", &culture, &["/culture/ page"]).await?;
    assert!(
        !in_the_app || same_document(page).await?,
        "without a reload"
    );
    Ok(())
}

/// The page is scrolled there, and stays so.
async fn stands_at(page: &Page, y: f64) -> Result<(), Trouble> {
    let there = format!("Math.abs(scrollY - {y}) < 3");
    let came = page.wait_for(&there).await;
    page.at_rest().await?;
    let now: f64 = page.eval("scrollY").await?;
    if (now - y).abs() < 3.0 {
        return came;
    }
    Err(format!("{} is at {now} and not at {y}", page.path().await?).into())
}

async fn back_and_forward_lead_to_the_same_place(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    let in_the_app = at_home(page).await?;
    // The card is in view before the click, which then need not scroll.
    into_view(page, &card(B)).await?;
    let home: f64 = page.eval("scrollY").await?;
    assert!(home > 100.0, "nothing to scroll");
    click_at_once(page, &card(B)).await?;
    headline(page, B_HEADLINE).await?;
    page.wait_for("scrollY === 0").await?;
    page.scroll_to(450.0).await?;
    page.wait_for("document.querySelectorAll('.latest .feed-item').length === 6")
        .await?;

    front.forget();
    page.back().await?;
    headline(page, HOME).await?;
    stands_at(page, home).await?;
    page.forward().await?;
    headline(page, B_HEADLINE).await?;
    stands_at(page, 450.0).await?;
    page.back().await?;
    headline(page, HOME).await?;
    stands_at(page, home).await?;
    if in_the_app {
        assert!(same_document(page).await?, "without a reload");
        assert_eq!(front.count("/api/*"), 0, "{:?}", front.requests("/api/*"));
        assert_eq!(
            page.eval::<String>("document.title").await?,
            "Le Courrier des Deux Rives"
        );
    }
    Ok(())
}

/// Notes which navigations the app takes, and lets none of the others leave.
const WATCH: &str = "
    window.taken = [], window.left = [];
    const { intercept } = NavigateEvent.prototype;
    NavigateEvent.prototype.intercept = function (options) { this.ours = true; taken.push(this.destination.url); return intercept.call(this, options) };
    navigation.addEventListener('navigate', event => {
        if (event.ours) return;
        left.push(event.destination.url);
        if (!event.hashChange) event.preventDefault();
    });
    for (const href of arguments[0]) {
        const link = document.createElement('a');
        link.textContent = link.href = href;
        if (href === '/politique/') link.download = '';
        document.body.append(link);
    }";

async fn what_is_not_a_plain_link_to_a_page_is_left_to_the_browser(
    site: &Site,
    page: &Page,
) -> Done {
    let front = front(site, page).await?;
    if !at_home(page).await? {
        return Ok(()); // everything is
    }
    let hrefs = [
        "https://example.com/politique/le-role-des-regions/",
        "//example.com/politique/",
        "/media/regions-800.webp",
        "/api/site.json",
        "/recherche/",
        "/hors-ligne/x/",
        "/politique/le-role-des-regions.html",
        "/politique/%6Ce-role/",
        "/a/b/c/d/",
        "#contenu",
        "/#contenu",
        "mailto:redaction@example.org",
    ];
    page.run(WATCH, vec![json!(hrefs)]).await?;
    front.forget();
    for href in hrefs {
        click_at_once(page, &format!("body > a[href=\"{href}\"]")).await?;
    }
    page.frames().await?;
    assert_eq!(
        page.eval::<Vec<String>>("taken").await?,
        Vec::<String>::new()
    );
    let left = page.eval::<Vec<String>>("left").await?;
    assert!(left.len() >= hrefs.len() - 2, "{left:?}"); // mailto: and the second #contenu may go unsaid
    assert_eq!(front.count("/api/feeds/*"), 0);
    headline(page, HOME).await?;
    // The same watch sees a page of the edition taken.
    click_at_once(page, &card(A)).await?;
    headline(page, A_HEADLINE).await?;
    assert_eq!(page.eval::<usize>("taken.length").await?, 1);
    assert!(same_document(page).await?);
    Ok(())
}

async fn links_to_no_page_open_in_the_browser(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    let in_the_app = at_home(page).await?;
    // Within the page nothing is asked for and nothing is drawn again.
    page.run(
        "window.mark = 1, window.h1 = document.querySelector('h1')",
        vec![],
    )
    .await?;
    front.forget();
    // By the pointer: WebKit's Back passes over what no reader did.
    let top = ".foot a[href=\"#contenu\"]";
    into_view(page, top).await?;
    page.click(top).await?;
    page.wait_for("location.hash === '#contenu' && Math.abs(document.querySelector('main').getBoundingClientRect().top) < 2").await?;
    page.back().await?;
    page.wait_for("location.hash === ''").await?;
    assert!(same_document(page).await?);
    if in_the_app {
        assert!(
            page.eval::<bool>("window.h1 === document.querySelector('h1')")
                .await?,
            "drawn again"
        );
    }
    assert_eq!(front.count("/api/*"), 0);
    let link = "const link = document.createElement('a');
                link.textContent = link.href = arguments[0];
                document.querySelector('main').prepend(link);
                link.click();";
    page.run(link, vec![json!("/recherche/")]).await?;
    headline(page, "Page introuvable").await?;
    page.back().await?;
    headline(page, HOME).await?;
    // The browser's own page around a picture: the site's policy must not refuse its styles.
    page.run(link, vec![json!("/media/regions-800.webp")])
        .await?;
    page.wait_for("location.pathname === '/media/regions-800.webp'")
        .await?;
    page.back().await?;
    headline(page, HOME).await?;
    Ok(())
}

async fn a_link_opens_elsewhere_where_the_reader_says_so(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    at_home(page).await?;
    // The document of the new tab is asked for, and this tab stays what it is.
    let elsewhere = async |front: &Front, path: &str, times: usize| {
        for _ in 0..400 {
            if front.count(path) >= times {
                page.frames().await?;
                return headline(page, HOME).await;
            }
            page.frames().await?;
        }
        Err(format!("{path} does not open elsewhere").into())
    };
    page.run(
        "document.querySelector(arguments[0]).focus()",
        vec![json!(card(A))],
    )
    .await?;
    page.press("Control+Enter").await?;
    elsewhere(&front, A, 1).await?;
    page.run("document.querySelector('.pager a').focus()", vec![])
        .await?;
    page.press("Control+Enter").await?;
    elsewhere(&front, "/page/5/", 1).await?;
    assert_eq!(page.count(".card").await?, 7, "the list has grown as well");
    assert!(same_document(page).await?);
    assert_eq!(page.path().await?, "/");
    Ok(())
}

/// Writes down what the reader sees, whenever it changes.
const NOTE: &str = "window.notes = [];
    const note = () => {
        const root = document.documentElement, [title] = document.title.split(' | ');
        const seen = [document.querySelector('h1')?.textContent ?? '', root.hasAttribute('data-busy'),
                      title, !!document.querySelector('.skeleton')].join('|');
        if (notes.at(-1) !== seen) notes.push(seen);
    };
    note(), setInterval(note, 4)";

async fn the_old_page_stays_until_the_new_one_is_there(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    front.answer(A_JSON, Answer::pass().after(Duration::from_millis(1500)));
    at_home(page).await?;
    page.run(NOTE, vec![]).await?;
    click_at_once(page, &card(A)).await?;
    headline(page, A_HEADLINE).await?;
    page.wait_for("!document.documentElement.hasAttribute('data-busy')")
        .await?;
    page.wait_for("notes.length >= 3").await?;
    let notes: Vec<String> = page.eval("notes").await?;
    let name = "Le Courrier des Deux Rives";
    let old = |busy: bool| format!("{HOME}|{busy}|{name}|false");
    assert_eq!(notes[..2], [old(false), old(true)]);
    // The bar may stay a moment longer than the old page does.
    let (last, between) = notes[2..]
        .split_last()
        .ok_or("nothing came after the bar")?;
    let new = |busy: bool| format!("{A_HEADLINE}|{busy}|{A_HEADLINE}|false");
    assert_eq!(*last, new(false));
    assert!(between.iter().all(|note| *note == new(true)), "{notes:?}");
    Ok(())
}

async fn a_slow_answer_never_replaces_a_newer_page(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    let in_the_app = at_home(page).await?;
    for with_the_pointer in [false, true] {
        front.answer(
            A_JSON,
            Answer::pass()
                .after(Duration::from_secs(2))
                .header("cache-control", "no-store"),
        );
        front.forget();
        if with_the_pointer {
            page.run("document.querySelector(arguments[0]).dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, pointerType: 'touch' }))", vec![json!(card(A))]).await?;
        }
        // Both in one go: where links load their page whole, the first would be left too soon.
        page.run(
            "const [a, b] = arguments;
                  document.querySelector(a).click();
                  setTimeout(() => document.querySelector(b)?.click(), 150)",
            vec![json!(card(A)), json!(card(B))],
        )
        .await?;
        headline(page, B_HEADLINE).await?;
        if in_the_app {
            assert_eq!(front.count(A_JSON), 1, "the first page was never asked for");
            // The first answer has come by now, wherever it went.
            let asked = front.requests(A_JSON)[0].at;
            while asked.elapsed() < Duration::from_millis(2500) {
                assert_eq!(
                    page.eval::<String>(
                        "document.querySelector('h1').textContent.replace(/\\s+/g, ' ')"
                    )
                    .await?,
                    B_HEADLINE
                );
                page.frames().await?;
            }
            assert!(same_document(page).await?);
        }
        headline(page, B_HEADLINE).await?;
        assert_eq!(page.path().await?, B);
        assert!(
            page.eval::<String>("document.title")
                .await?
                .starts_with("Qu’est-ce")
        );
        page.wait_for("!document.documentElement.hasAttribute('data-busy')")
            .await?;
        page.wait_for("document.querySelectorAll('.latest .feed-item').length === 6")
            .await?;
        at_home(page).await?;
    }
    Ok(())
}

/// Also by the browser's own button: the address is again that of what can be read.
async fn a_page_on_its_way_is_stopped(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    at_home(page).await?;
    front.answer(A_JSON, Answer::hang());
    click_at_once(page, &card(A)).await?;
    page.wait_for(&format!(
        "location.pathname === '{A}' && document.querySelector('[data-busy]')"
    ))
    .await?;
    page.run("stop()", vec![]).await?;
    page.wait_for("location.pathname === '/' && !document.querySelector('[data-busy]')")
        .await?;
    headline(page, HOME).await?;
    // And the reader goes on from there.
    click_at_once(page, &card(B)).await?;
    headline(page, B_HEADLINE).await?;
    assert_eq!(page.path().await?, B);
    page.back().await?;
    headline(page, HOME).await?;
    assert_eq!(page.path().await?, "/");
    Ok(())
}

async fn two_quick_clicks_open_what_was_clicked_last(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    let in_the_app = at_home(page).await?;
    let both = "for (const css of arguments) document.querySelector(css).click()";
    page.run(both, vec![json!(card(A)), json!(card(B))]).await?;
    headline(page, B_HEADLINE).await?;
    assert_eq!(page.path().await?, B);
    age(page, 300).await?;
    headline(page, B_HEADLINE).await?;
    assert!(
        page.eval::<String>("document.title")
            .await?
            .starts_with("Qu’est-ce")
    );
    assert_eq!(same_document(page).await?, in_the_app);

    // The same link twice is one page, one request and one step back.
    at_home(page).await?;
    front.forget();
    page.run(both, vec![json!(card(A)), json!(card(A))]).await?;
    headline(page, A_HEADLINE).await?;
    page.wait_for("document.querySelectorAll('.latest .feed-item').length === 6")
        .await?;
    assert!(front.count(A_JSON) <= 2, "{:?}", front.requests(A_JSON));
    page.back().await?;
    headline(page, HOME).await?;
    assert_eq!(page.path().await?, "/");
    Ok(())
}

async fn a_link_under_the_pointer_is_fetched_ahead(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    at_home(page).await?;
    let point = "document.querySelector(arguments[0]).dispatchEvent(
        new PointerEvent(arguments[1], { bubbles: true, pointerType: arguments[2] }))";
    for (path, json, title, event, pointer) in [
        (A, A_JSON, A_HEADLINE, "pointerover", "mouse"),
        (B, B_JSON, B_HEADLINE, "pointerdown", "touch"),
    ] {
        front.forget();
        page.run(point, vec![json!(card(path)), json!(event), json!(pointer)])
            .await?;
        for _ in 0..200 {
            if front.count(json) > 0 {
                break;
            }
            page.frames().await?;
        }
        assert_eq!(front.count(json), 1, "{event} fetches nothing");
        assert_eq!(page.path().await?, "/");
        page.click(&card(path)).await?;
        headline(page, title).await?;
        page.wait_for("document.querySelectorAll('.latest .feed-item').length === 6")
            .await?;
        assert_eq!(front.count(json), 1, "after {event} and a click");
        page.back().await?;
        headline(page, HOME).await?;
    }
    assert!(same_document(page).await?);
    Ok(())
}

async fn nothing_is_fetched_ahead_where_data_is_saved(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    front.inject("Object.defineProperty(navigator, 'connection', { value: { saveData: true }, configurable: true })");
    at_home(page).await?;
    for (event, pointer) in [("pointerover", "mouse"), ("pointerdown", "touch")] {
        page.run("document.querySelector(arguments[0]).dispatchEvent(new PointerEvent(arguments[1], { bubbles: true, pointerType: arguments[2] }))",
            vec![json!(card(A)), json!(event), json!(pointer)]).await?;
    }
    age(page, 400).await?;
    assert_eq!(front.count(A_JSON), 0);
    page.click(&card(A)).await?;
    headline(page, A_HEADLINE).await?;
    assert_eq!(front.count(A_JSON), 1);
    assert!(same_document(page).await?);
    Ok(())
}

async fn a_page_seen_a_moment_ago_is_not_asked_for_again(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    at_home(page).await?;
    click_at_once(page, &card(A)).await?;
    headline(page, A_HEADLINE).await?;
    page.wait_for("document.querySelectorAll('.latest .feed-item').length === 6")
        .await?;
    front.forget();
    click_at_once(page, ".masthead-name a").await?;
    headline(page, HOME).await?;
    click_at_once(page, &card(A)).await?;
    headline(page, A_HEADLINE).await?;
    assert_eq!(front.count("/api/*"), 0, "{:?}", front.requests("/api/*"));
    assert_eq!(page.count(".latest .feed-item").await?, 6);
    assert_eq!(page.eval::<f64>("scrollY").await?, 0.0);
    Ok(())
}

async fn reload_keeps_the_page(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    at_home(page).await?;
    page.click(&card(A)).await?;
    headline(page, A_HEADLINE).await?;
    front.forget();
    page.reload().await?;
    headline(page, A_HEADLINE).await?;
    assert_eq!(page.path().await?, A);
    assert!(front.count(A_JSON) >= 1, "not asked for again");
    assert!(!same_document(page).await?);
    page.back().await?;
    headline(page, HOME).await?;
    page.wait_for("document.querySelectorAll('.card').length === 7")
        .await?;
    page.click(&card(B)).await?;
    headline(page, B_HEADLINE).await?;
    Ok(())
}

async fn back_leads_to_what_was_no_page(_: &Site, page: &Page) -> Done {
    page.open("/recherche/").await?;
    headline(page, "Page introuvable").await?;
    page.click_the("link", "Revenir à la une").await?;
    headline(page, HOME).await?;
    page.back().await?;
    headline(page, "Page introuvable").await?;
    assert_eq!(page.path().await?, "/recherche/");
    page.forward().await?;
    headline(page, HOME).await?;
    assert_eq!(page.path().await?, "/");
    Ok(())
}

async fn what_was_withdrawn_does_not_come_back(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    // The browser's own cache would have it for as long as the server lets it.
    front.answer(A_JSON, Answer::pass().header("cache-control", "no-store"));
    at_home(page).await?;
    page.click(&card(A)).await?;
    headline(page, A_HEADLINE).await?;
    page.back().await?;
    headline(page, HOME).await?;
    front.answer(A_JSON, Answer::status(410));
    // So much later that it is asked for again.
    page.run(
        "const { now } = window.Date; window.Date.now = () => now() + 600_000",
        vec![],
    )
    .await?;
    page.click(&card(A)).await?;
    headline(page, "Page introuvable").await?;
    page.back().await?;
    headline(page, HOME).await?;
    page.forward().await?;
    headline(page, "Page introuvable").await?;
    Ok(())
}

async fn a_way_within_the_page_does_not_stop_the_one_on_its_way(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    front.answer(A_JSON, Answer::pass().after(Duration::from_millis(1500)));
    at_home(page).await?;
    page.run(
        "document.querySelector(arguments[0]).click();
         setTimeout(() => document.querySelector('.foot a[href=\"#contenu\"]').click(), 150)",
        vec![json!(card(A))],
    )
    .await?;
    headline(page, A_HEADLINE).await?;
    page.wait_for("!document.documentElement.hasAttribute('data-busy')")
        .await?;
    assert_eq!(page.path().await?, format!("{A}#contenu"));
    assert!(same_document(page).await?);
    Ok(())
}

async fn what_failed_when_fetched_ahead_is_not_tried_twice(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    at_home(page).await?;
    front.answer(
        A_JSON,
        Answer::status(500).header("cache-control", "no-store"),
    );
    page.run(
        "const link = document.querySelector(arguments[0]);
         link.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, pointerType: 'touch' }));
         link.click()",
        vec![json!(card(A))],
    )
    .await?;
    headline(page, "Cette page n’a pas pu être chargée").await?;
    assert_eq!(front.count(A_JSON), 3, "{:?}", front.requests(A_JSON));
    Ok(())
}

async fn addresses_open_however_they_are_spelt(_: &Site, page: &Page) -> Done {
    for (address, title, canonical) in [
        ("/politique/le-role-des-regions", A_HEADLINE, A),
        (
            "/politique/le-role-des-regions/?utm_source=lettre&x=/y/",
            A_HEADLINE,
            A,
        ),
        ("/politique/le-role-des-regions?x#contenu", A_HEADLINE, A),
        ("/politique/le-role-des-regions/#nulle-part", A_HEADLINE, A),
        ("/politique", "Politique", "/politique/"),
        ("/?utm_source=lettre", HOME, "/"),
        ("/page/2", "À la une, archives, page 2", "/page/2/"),
    ] {
        let fits = format!(
            "document.querySelector('link[rel=canonical]').href === 'https://example.org{canonical}'"
        );
        page.open(address).await?;
        headline(page, title).await?;
        page.wait_for(&fits).await?;
        // The same by a link from another page.
        page.open("/sciences/").await?;
        headline(page, "Sciences").await?;
        page.run(
            "window.mark = 1;
                  const link = document.createElement('a');
                  link.textContent = link.href = arguments[0];
                  document.querySelector('main').prepend(link);
                  link.click();",
            vec![json!(address)],
        )
        .await?;
        headline(page, title).await?;
        page.wait_for(&fits).await?;
        assert_eq!(page.path().await?, address);
        let in_the_app: bool = page.eval("'navigation' in window").await?;
        assert_eq!(
            same_document(page).await?,
            in_the_app,
            "{address} without a reload"
        );
    }
    Ok(())
}
