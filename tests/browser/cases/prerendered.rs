//! Pages that came as HTML: read before the app, woken up by it without a change, and as alive as
//! any other afterwards. What stands in the files is for the native tests.

use serde_json::json;

use super::faults::headline;
use crate::Trouble;
use crate::case::{Case, Done, case};
use crate::engine::Needs;
use crate::front::{Answer, Front};
use crate::page::Page;
use crate::site::{BOOT, Site, WASM};

pub const CASES: &[Case] = &[
    case!(is_whole_before_the_app, PAGES.impatient()),
    case!(is_whole_without_scripts, PAGES.scripts_off()),
    case!(wakes_up_on_what_was_served, PAGES.without_worker()),
    case!(asks_for_nothing_to_wake_up, PAGES),
    case!(lives_once_it_is_awake, PAGES),
    case!(draws_a_page_that_is_not_its_own_anew, PAGES.noisy()),
    case!(leaves_the_app_away_where_data_is_saved, PAGES),
    case!(starts_the_app_where_there_is_no_page, PAGES.noisy()),
    case!(an_address_spelt_otherwise_shows_its_page, PAGES),
];

const PAGES: Needs = Needs::NOTHING.prerendered();
const ARTICLE: &str = "/politique/le-role-des-regions/";
const HEADLINE: &str = "Le rôle des régions";
/// One of each kind.
pub const KINDS: [&str; 9] = [
    "/",
    "/politique/",
    "/page/2/",
    "/politique/page/1/",
    "/auteur/la-redaction/",
    "/mot-cle/institutions/",
    ARTICLE,
    "/politique/la-loi-de-finances-calendrier/",
    "/culture/l-oud-anatomie-d-un-instrument/",
];

pub async fn awake(page: &Page) -> Result<(), Trouble> {
    page.wait_for("document.documentElement.hasAttribute('data-app')")
        .await
}

async fn is_whole_before_the_app(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    front.answer(
        BOOT,
        Answer::pass().after(std::time::Duration::from_secs(600)),
    );
    page.through(&front);
    // The page's own load event waits for the script, so nobody waits for that.
    page.set_out(ARTICLE).await?;
    headline(page, HEADLINE).await?;
    assert_eq!(page.count(".body p").await?.min(5), 5);
    assert_eq!(page.count(".latest .feed-item").await?, 6);
    assert_eq!(page.count(".related .card").await?, 6);
    assert_eq!(page.count(".skeleton, .bone").await?, 0);
    Ok(())
}

async fn is_whole_without_scripts(_: &Site, page: &Page) -> Done {
    for path in KINDS {
        page.open(path).await?;
        assert_eq!(page.count("main h1").await?, 1, "{path}");
        assert!(page.count(".card, .body p").await? > 0, "{path}");
    }
    Ok(())
}

/// Notes every change of what is in the mount element, from the first moment on.
const NOTE_CHANGES: &str = "
    window.changes = [];
    const observer = new MutationObserver(records => {
        for (const { type, target, attributeName, addedNodes, removedNodes } of records) {
            const app = document.querySelector('#app');
            if (!app?.contains(target) || !window.parsed) continue;
            const real = [...addedNodes, ...removedNodes].filter(node => node.nodeType !== 3 || node.data);
            // Texts are cut where two came as one.
            const elements = real.filter(node => node.nodeType !== 3);
            if (type === 'attributes' || elements.length) {
                changes.push(`${type} ${target.localName}.${target.className} ${attributeName ?? elements.map(e => e.outerHTML).join()}`);
            }
        }
    });
    observer.observe(document, { subtree: true, childList: true, attributes: true });
    document.addEventListener('readystatechange', () => {
        if (document.readyState !== 'interactive') return;
        window.parsed = true;
        window.before = [...document.querySelectorAll('#app *')];
        window.text = document.querySelector('#app').textContent;
    });";

async fn wakes_up_on_what_was_served(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    front.inject(NOTE_CHANGES);
    page.through(&front);
    for path in KINDS {
        page.open(path).await?;
        awake(page).await?;
        page.frames().await?;
        let changes: Vec<String> = page.eval("changes").await?;
        assert_eq!(changes, [""; 0], "{path}");
        let same: bool = page
            .eval(
                "(now => now.length === before.length && now.every((element, index) => element === before[index])
                  && document.querySelector('#app').textContent === text)([...document.querySelectorAll('#app *')])",
            )
            .await?;
        assert!(same, "{path}: what was served has been replaced");
    }
    Ok(())
}

async fn asks_for_nothing_to_wake_up(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    page.through(&front);
    for path in KINDS {
        front.forget();
        page.open(path).await?;
        awake(page).await?;
        page.frames().await?;
        assert_eq!(
            front.count("/api/*"),
            0,
            "{path}: {:?}",
            front.requests("/api/*")
        );
    }
    Ok(())
}

async fn lives_once_it_is_awake(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    page.through(&front);
    page.open("/").await?;
    awake(page).await?;
    page.run("window.mark = 1", vec![]).await?;
    // The list grows in place.
    page.click(".pager a").await?;
    page.wait_for("document.querySelectorAll('.cards-front > li').length > 7")
        .await?;
    assert_eq!(page.path().await?, "/");
    // A link opens its page, and Back leads to the longer list.
    let length = page.count(".cards-front > li").await?;
    page.run("document.querySelector(arguments[0]).scrollIntoView({ block: 'center', behavior: 'instant' })", vec![json!(format!(".card a[href=\"{ARTICLE}\"]"))]).await?;
    page.at_rest().await?;
    page.click(&format!(".card a[href=\"{ARTICLE}\"]")).await?;
    headline(page, HEADLINE).await?;
    page.back().await?;
    headline(page, "À la une").await?;
    page.wait_for(&format!(
        "document.querySelectorAll('.cards-front > li').length === {length}"
    ))
    .await?;
    let in_the_app: bool = page.eval("'navigation' in window").await?;
    assert!(!in_the_app || page.eval::<Option<u32>>("window.mark").await? == Some(1));
    // A video opens in its place.
    page.open("/culture/l-oud-anatomie-d-un-instrument/")
        .await?;
    awake(page).await?;
    page.run(
        "document.querySelector('.embed a').addEventListener('click', event => { window.kept = event.defaultPrevented }, { once: true });
         document.querySelector('.embed a').click()",
        vec![],
    )
    .await?;
    page.wait_for("document.querySelector('.embed iframe')")
        .await?;
    Ok(())
}

async fn draws_a_page_that_is_not_its_own_anew(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    front.html(|html| {
        html.replace(
            "<h1 tabindex=\"-1\">Le rôle",
            "<h1 tabindex=\"-1\">Le vieux rôle",
        )
    });
    page.through(&front);
    page.open(ARTICLE).await?;
    awake(page).await?;
    headline(page, HEADLINE).await?;
    assert_eq!(page.count("main").await?, 1);
    assert_eq!(page.count(".latest .feed-item").await?, 6);
    assert_eq!(front.count("/api/*"), 0);
    Ok(())
}

async fn leaves_the_app_away_where_data_is_saved(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    front.inject("Object.defineProperty(navigator, 'connection', { value: { saveData: true } })");
    page.through(&front);
    page.open(ARTICLE).await?;
    headline(page, HEADLINE).await?;
    page.click_the("radio", "Maximale").await?;
    page.wait_for("getComputedStyle(document.documentElement).fontSize === '32px'")
        .await?;
    page.click(".masthead-name a").await?;
    headline(page, "À la une").await?;
    page.wait_for("getComputedStyle(document.documentElement).fontSize === '32px'")
        .await?;
    assert_eq!(front.count(WASM), 0);
    assert_eq!(front.count("/api/*"), 0);
    Ok(())
}

async fn an_address_spelt_otherwise_shows_its_page(_: &Site, page: &Page) -> Done {
    for path in [
        "/politique/le-role-des-regions/index.html",
        "/politique//le-role-des-regions/",
        "/politique/le-role-des-r%65gions/",
        "/politique/le-role-des-regions",
    ] {
        page.open(path).await?;
        awake(page).await?;
        headline(page, HEADLINE).await?;
        assert!(page.count(".body p").await? > 5, "{path}");
    }
    Ok(())
}

/// An article that came after the last run has no page.
pub const NEWER: &str = "/politique/plus-recent/";
pub const NEWER_JSON: &str = "/api/articles/plus-recent.json";

/// From now on the backend has that article.
pub async fn newer(site: &Site, front: &Front) -> Result<(), Trouble> {
    let article = site.get("/api/articles/le-role-des-regions.json").await?;
    let newer = article.body.replace("le-role-des-regions", "plus-recent");
    front.answer(NEWER_JSON, Answer::json(newer));
    Ok(())
}

async fn starts_the_app_where_there_is_no_page(site: &Site, page: &Page) -> Done {
    // An article that came after the last run, then an address of nothing.
    let front = site.front().await?;
    newer(site, &front).await?;
    page.through(&front);
    page.open(NEWER).await?;
    headline(page, HEADLINE).await?;
    page.open("/nulle/part/ailleurs/").await?;
    headline(page, "Page introuvable").await?;
    Ok(())
}
