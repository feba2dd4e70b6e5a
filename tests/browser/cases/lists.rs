//! The fronts: the lead and the list, "Charger plus d'articles", the archive pages, and new items,
//! which wait until the reader asks for them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::faults::{document, front, headline, well};
use crate::Trouble;
use crate::case::{Case, Done, case};
use crate::front::{Answer, Front};
use crate::page::{Page, Rect};
use crate::site::Site;

pub const CASES: &[Case] = &[
    case!(a_front_has_a_lead_and_a_list),
    case!(an_archive_page_shows_its_document),
    case!(more_is_a_link_that_appends_in_place),
    case!(more_goes_on_to_the_first_item_and_shows_each_once),
    case!(back_finds_a_long_list_as_it_was),
    case!(a_page_that_fails_can_be_tried_again),
    case!(a_list_that_leads_in_a_circle_ends),
    case!(older_pages_are_found_however_their_address_is_written),
    case!(any_json_feed_can_be_shown),
    case!(new_items_wait_beside_an_article),
    case!(new_items_wait_on_a_front),
    case!(a_page_shown_again_is_asked_about_again),
    case!(who_saves_data_is_asked_for_none),
];

const HOME_JSON: &str = "/api/feeds/latest.json";
const MORE: &str = "Charger plus d'articles";
const PAGER: &str = ".pager a";

/// What the cards of the list are called, in order.
async fn cards(page: &Page) -> Result<Vec<String>, Trouble> {
    page.eval("[...document.querySelectorAll('.cards-front .card-title')].map(h => h.textContent)")
        .await
}

/// What the items of a document are called, in order.
fn titles(feed: &Value) -> Vec<String> {
    let items = feed["items"].as_array().into_iter().flatten();
    let title = |item: &Value| {
        item["title"]
            .as_str()
            .or(item["summary"].as_str())
            .map(str::to_owned)
    };
    items.filter_map(title).collect()
}

/// Where a list goes on, as a path.
fn next(feed: &Value) -> Option<String> {
    let url = feed["next_url"].as_str()?;
    Some(url.trim_start_matches("https://example.org").to_owned())
}

async fn at_least(page: &Page, count: usize) -> Result<(), Trouble> {
    page.wait_for(&format!(
        "document.querySelectorAll('.cards-front > li').length >= {count}"
    ))
    .await
}

async fn a_front_has_a_lead_and_a_list(site: &Site, page: &Page) -> Done {
    for (path, feed, title) in [
        ("/", HOME_JSON, "À la une"),
        ("/politique/", "/api/feeds/politique.json", "Politique"),
    ] {
        page.open(path).await?;
        headline(page, title).await?;
        assert_eq!(cards(page).await?, titles(&document(site, feed).await?));
        assert_eq!(page.count(".card-lead").await?, 1);
        assert!(
            page.eval::<bool>("document.querySelector('.cards-front > li').matches('.card-lead')")
                .await?
        );
        let later: Vec<Option<String>> = page
            .eval("[...document.querySelectorAll('.cards-front > li:nth-child(n + 4) img')].map(i => i.getAttribute('loading'))")
            .await?;
        assert!(
            !later.is_empty() && later.iter().all(|l| l.as_deref() == Some("lazy")),
            "{later:?}"
        );
    }
    assert_eq!(
        page.text(".sections a[aria-current=page]").await?,
        "Politique"
    );
    page.open("/").await?;
    headline(page, "À la une").await?;
    let lead: Vec<Option<String>> = page
        .eval("(i => [i.getAttribute('loading'), i.getAttribute('fetchpriority')])(document.querySelector('.card-lead img'))")
        .await?;
    assert_eq!(lead, [None, Some("high".to_owned())]);
    Ok(())
}

async fn an_archive_page_shows_its_document(site: &Site, page: &Page) -> Done {
    for (path, feed, title) in [
        (
            "/page/2/",
            "/api/feeds/latest/2.json",
            "À la une, archives, page 2",
        ),
        (
            "/politique/page/1/",
            "/api/feeds/politique/1.json",
            "Politique, archives, page 1",
        ),
    ] {
        page.open(path).await?;
        headline(page, title).await?;
        let feed = document(site, feed).await?;
        assert_eq!(cards(page).await?, titles(&feed));
        assert_eq!(page.count(".card-lead").await?, 0);
        assert_eq!(
            page.count(PAGER).await?,
            usize::from(next(&feed).is_some()),
            "{path}"
        );
    }
    // The oldest page of all is where the reader is told so, or simply the end.
    page.open("/page/9999/").await?;
    headline(page, "Page introuvable").await?;
    Ok(())
}

async fn more_is_a_link_that_appends_in_place(site: &Site, page: &Page) -> Done {
    page.open("/").await?;
    headline(page, "À la une").await?;
    let head = document(site, HOME_JSON).await?;
    let number = next(&head).and_then(|n| {
        n.rsplit('/')
            .next()
            .map(|n| n.trim_end_matches(".json").to_owned())
    });
    let number = number.ok_or("the sample edition has an archive")?;
    assert_eq!(
        page.attr(PAGER, "href").await?,
        Some(format!("/page/{number}/"))
    );
    page.run(
        "window.old = [...document.querySelectorAll('.cards-front > li')]",
        vec![],
    )
    .await?;
    page.the("link", MORE).await?;
    page.run("document.querySelector('.pager a').focus()", vec![])
        .await?;
    page.click(PAGER).await?;
    at_least(page, titles(&head).len() + 1).await?;
    page.wait_for(&format!(
        "document.querySelector('.pager a').textContent === {}",
        json!(MORE)
    ))
    .await?;
    assert_eq!(page.path().await?, "/");
    assert!(
        page.eval::<bool>(
            "old.every((li, i) => document.querySelectorAll('.cards-front > li')[i] === li)"
        )
        .await?
    );
    assert!(
        page.eval::<bool>("document.activeElement === document.querySelector('.pager a')")
            .await?
    );
    page.wait_for(
        "/\\d+ articles? de plus/.test(document.querySelector('p[role=status]').textContent)",
    )
    .await?;
    // Without the app it is the page that the address names.
    let href = page.attr(PAGER, "href").await?.ok_or("a link")?;
    page.open(&href).await?;
    page.wait_for("/archives, page/.test(document.querySelector('main h1')?.textContent)")
        .await?;
    Ok(())
}

async fn more_goes_on_to_the_first_item_and_shows_each_once(site: &Site, page: &Page) -> Done {
    let mut feed = document(site, HOME_JSON).await?;
    let mut wanted = titles(&feed);
    while let Some(path) = next(&feed) {
        feed = document(site, &path).await?;
        wanted.extend(titles(&feed));
    }
    assert!(wanted.len() > 30);
    page.open("/").await?;
    headline(page, "À la une").await?;
    while page.count(PAGER).await? == 1 {
        let before = cards(page).await?.len();
        page.click(PAGER).await?;
        page.wait_for(&format!(
            "document.querySelectorAll('.cards-front > li').length > {before}
             && document.querySelector('.pager a')?.textContent !== 'Chargement…'"
        ))
        .await?;
    }
    let shown = cards(page).await?;
    assert_eq!(shown, wanted);
    assert_eq!(shown.iter().collect::<BTreeSet<_>>().len(), shown.len());
    page.wait_for_text("Vous avez atteint les premiers articles.")
        .await?;
    Ok(())
}

async fn back_finds_a_long_list_as_it_was(_: &Site, page: &Page) -> Done {
    page.open("/").await?;
    headline(page, "À la une").await?;
    page.click(PAGER).await?;
    at_least(page, 8).await?;
    let before = cards(page).await?;
    let last = "[...document.querySelectorAll('.cards-front > li:has(a[href^=\"/\"])')].at(-1)";
    page.run(
        &format!("{last}.scrollIntoView({{ block: 'center', behavior: 'instant' }})"),
        vec![],
    )
    .await?;
    page.at_rest().await?;
    let top = format!("{last}.getBoundingClientRect().top");
    let place: f64 = page.eval(&top).await?;
    assert!(page.eval::<f64>("scrollY").await? > 300.0);
    page.run(&format!("{last}.querySelector('a').click()"), vec![])
        .await?;
    page.wait_for("location.pathname !== '/' && document.querySelector('.article')")
        .await?;
    page.back().await?;
    page.wait_for("location.pathname === '/' && document.querySelector('.front')")
        .await?;
    at_least(page, before.len()).await?;
    page.wait_for(&format!("Math.abs({top} - {place}) <= 2"))
        .await?;
    assert_eq!(cards(page).await?, before);
    Ok(())
}

async fn a_page_that_fails_can_be_tried_again(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    front.answer("/api/feeds/latest/*", Answer::status(503));
    page.open("/").await?;
    headline(page, "À la une").await?;
    let before = cards(page).await?;
    page.click(PAGER).await?;
    page.wait_for_text("La suite de la liste n’a pas pu être chargée.")
        .await?;
    page.wait_for("document.querySelector('.pager a').textContent === 'Réessayer'")
        .await?;
    assert_eq!(cards(page).await?, before);
    well(&front);
    page.click_the("link", "Réessayer").await?;
    at_least(page, before.len() + 1).await?;
    page.wait_for(&format!(
        "document.querySelector('.pager a').textContent === {}",
        json!(MORE)
    ))
    .await?;
    assert_eq!(page.count(".pager-trouble").await?, 0);
    Ok(())
}

async fn a_list_that_leads_in_a_circle_ends(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    let mut head = document(site, HOME_JSON).await?;
    head["next_url"] = json!("/api/feeds/latest.json");
    front.answer(HOME_JSON, Answer::json(head.to_string()));
    page.open("/").await?;
    headline(page, "À la une").await?;
    let before = cards(page).await?;
    page.click(PAGER).await?;
    page.wait_for("!document.querySelector('.pager')").await?;
    assert_eq!(cards(page).await?, before);
    assert!(front.count(HOME_JSON) <= 3);
    // And where there is nothing older, nothing is offered.
    head.as_object_mut().ok_or("an object")?.remove("next_url");
    front.answer(HOME_JSON, Answer::json(head.to_string()));
    page.reload().await?;
    headline(page, "À la une").await?;
    assert_eq!(page.count(".pager").await?, 0);
    Ok(())
}

async fn older_pages_are_found_however_their_address_is_written(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    let mut head = document(site, HOME_JSON).await?;
    let path = next(&head).ok_or("the sample edition has an archive")?;
    let file = path.rsplit('/').next().unwrap_or_default();
    for next in [
        // On the canonical origin, which a preview of the edition is not.
        format!("https://example.org{path}"),
        // As seen from the feed.
        format!("latest/{file}"),
    ] {
        head["next_url"] = json!(next);
        front.answer(HOME_JSON, Answer::json(head.to_string()));
        page.open("/").await?;
        headline(page, "À la une").await?;
        let before = page.count(".cards-front > li").await?;
        page.click(PAGER).await?;
        at_least(page, before + 1).await?;
        assert!(front.count(&path) > 0, "{next}");
        front.forget();
    }
    Ok(())
}

async fn any_json_feed_can_be_shown(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    let feed = json!({
        "version": "https://jsonfeed.org/version/1.1", "title": "Ailleurs", "user_comment": "…",
        "items": [
            { "id": 1, "url": "https://example.com/un", "title": "Un", "content_html": "<b>x</b>" },
            { "id": 2.5, "url": "https://example.com/deux", "content_text": "Deux", "summary": "Résumé de deux" },
            { "id": "trois", "title": "Trois", "date_published": "2026-11-20T09:30:00Z", "tags": ["a"] },
            { "title": "Sans identifiant" }
        ]
    });
    front.answer(HOME_JSON, Answer::json(feed.to_string()));
    page.open("/").await?;
    headline(page, "À la une").await?;
    assert_eq!(cards(page).await?, ["Un", "Résumé de deux", "Trois"]);
    assert_eq!(
        page.count(".cards-front a[rel='external noopener']")
            .await?,
        2
    );
    assert_eq!(page.count(".cards-front a").await?, 2);
    Ok(())
}

/// An edition that asks often, so that a case need not wait for long.
async fn hasty(site: &Site, page: &Page) -> Result<Front, Trouble> {
    let front = front(site, page).await?;
    let mut edition = document(site, "/api/site.json").await?;
    edition["feed_refresh_seconds"] = json!(10);
    front.answer("/api/site.json", Answer::json(edition.to_string()));
    Ok(front)
}

/// The same list with two items more on top.
fn with_news(mut feed: Value) -> String {
    let news = ["Une nouvelle", "Une autre nouvelle"].map(|title| {
        json!({ "id": title, "title": title, "url": format!("https://example.com/{}", title.len()) })
    });
    if let Some(items) = feed["items"].as_array_mut() {
        items.splice(0..0, news);
    }
    feed.to_string()
}

async fn new_items_wait_beside_an_article(site: &Site, page: &Page) -> Done {
    let front = hasty(site, page).await?;
    page.open("/politique/le-role-des-regions/").await?;
    headline(page, "Le rôle des régions").await?;
    page.wait_for("document.querySelectorAll('.feed-item').length === 6")
        .await?;
    let places = ".article h1, .body, .latest h2";
    let before: Vec<Rect> = page.rects(places).await?;
    let items = page.texts(".feed-item .card-title").await?;
    let feed = document(site, "/api/feeds/politique.json").await?;
    front.answer("/api/feeds/politique.json", Answer::json(with_news(feed)));
    page.wait_for("document.querySelector('.latest .fresh button')")
        .await?;
    assert_eq!(page.rects(places).await?, before, "nothing jumps");
    assert_eq!(page.texts(".feed-item .card-title").await?, items);
    page.click_the("button", "2 nouveaux articles").await?;
    page.wait_for(
        "document.querySelector('.feed-item .card-title').textContent === 'Une nouvelle'",
    )
    .await?;
    assert_eq!(page.count(".fresh").await?, 0);
    assert_eq!(page.count(".feed-item").await?, 6);
    Ok(())
}

async fn new_items_wait_on_a_front(site: &Site, page: &Page) -> Done {
    let front = hasty(site, page).await?;
    page.open("/").await?;
    headline(page, "À la une").await?;
    let before = cards(page).await?;
    let feed = document(site, HOME_JSON).await?;
    front.answer(HOME_JSON, Answer::json(with_news(feed)));
    page.wait_for("document.querySelector('.fresh button')")
        .await?;
    assert_eq!(cards(page).await?, before);
    page.click_the("button", "2 nouveaux articles").await?;
    at_least(page, before.len() + 2).await?;
    let after = cards(page).await?;
    assert_eq!(&after[..2], ["Une nouvelle", "Une autre nouvelle"]);
    assert_eq!(&after[2..], before);
    Ok(())
}

async fn a_page_shown_again_is_asked_about_again(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    page.open("/politique/").await?;
    headline(page, "Politique").await?;
    // Not within five seconds of the last time …
    page.run("dispatchEvent(new Event('pageshow'))", vec![])
        .await?;
    page.wait_for("performance.now() > 9000").await?;
    assert_eq!(front.count("/api/feeds/politique.json"), 1);
    // … and not while nobody looks.
    page.run(
        "Object.defineProperty(document, 'hidden', { value: true, configurable: true });
         dispatchEvent(new Event('pageshow'))",
        vec![],
    )
    .await?;
    page.frames().await?;
    assert_eq!(front.count("/api/feeds/politique.json"), 1);
    page.run(
        "delete document.hidden; dispatchEvent(new Event('pageshow'))",
        vec![],
    )
    .await?;
    let asked = async {
        while front.count("/api/feeds/politique.json") < 2 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), asked).await?;
    Ok(())
}

async fn who_saves_data_is_asked_for_none(site: &Site, page: &Page) -> Done {
    let front = hasty(site, page).await?;
    front.inject("Object.defineProperty(Navigator.prototype, 'connection', { get: () => ({ saveData: true }), configurable: true })");
    page.open("/politique/").await?;
    headline(page, "Politique").await?;
    page.wait_for("navigator.connection.saveData && performance.now() > 13000")
        .await?;
    page.run("dispatchEvent(new Event('pageshow'))", vec![])
        .await?;
    page.frames().await?;
    assert_eq!(front.count("/api/feeds/politique.json"), 1);
    Ok(())
}
