//! Without a network: what was opened is read again, what was saved is kept, and the page says so. The
//! worker under test is public/sw.js; faults of single answers are in faults.rs.

use std::time::Duration;

use serde_json::json;

use super::faults::headline;
use super::prerendered::{NEWER, NEWER_JSON, awake, newer};
use crate::Trouble;
use crate::case::{Case, Done, case, fault};
use crate::engine::Needs;
use crate::front::{Answer, Front};
use crate::own::Own;
use crate::page::Page;
use crate::site::Site;

pub const CASES: &[Case] = &[
    fault!(
        an_article_that_was_opened_is_read_again,
        PAGES,
        "no network, at an article that was opened before",
        "the kept copy, and since when it is kept"
    ),
    fault!(
        an_article_newer_than_the_pages_is_read_again,
        PAGES.noisy(),
        "no network, at an article newer than the pages, opened on a first visit",
        "the kept copy, and since when it is kept"
    ),
    fault!(
        a_page_that_was_never_opened_says_so,
        PAGES.noisy(),
        "no network, at a page that was never opened",
        "a sentence that says so, “Réessayer” and a list of what can be read"
    ),
    fault!(
        a_slow_network_waits_three_seconds,
        PAGES.noisy(),
        "the network is silent, at an article that was opened before",
        "the kept copy, and since when it is kept"
    ),
    fault!(
        a_server_that_fails_is_not_seen,
        PAGES.noisy(),
        "the server answers 429, 500 or 503, at an article that was opened before",
        "the kept copy, and since when it is kept"
    ),
    case!(what_was_withdrawn_is_gone, PAGES.noisy()),
    fault!(
        an_article_is_kept_for_later,
        PAGES.noisy(),
        "no network, at an article that was saved by its card and never opened",
        "the kept copy, and since when it is kept"
    ),
    case!(what_can_be_read_is_listed, PAGES),
    case!(the_app_reads_what_came_as_a_page, PAGES.noisy()),
    case!(a_picture_in_another_width_stands_in, PAGES.noisy()),
    case!(another_picture_does_not_stand_in, PAGES.noisy()),
    case!(what_could_not_be_kept_says_so_until_it_is, PAGES.noisy()),
    case!(a_wish_waits_for_its_own_answer, PAGES),
    case!(an_article_is_kept_for_later_below_a_path, PAGES.noisy()),
    case!(what_is_kept_has_its_limits, PAGES),
    case!(the_kill_switch_ends_it, PAGES),
    case!(a_page_is_asked_for_once, PAGES),
];

const PAGES: Needs = Needs::NOTHING.prerendered();
const ARTICLE: &str = "/politique/le-role-des-regions/";
const HEADLINE: &str = "Le rôle des régions";
const DOCUMENT: &str = "/api/articles/le-role-des-regions.json";
const OTHER: &str = "/politique/la-loi-de-finances-calendrier/";

/// Waits until the worker has this address in its store.
pub async fn is_kept(page: &Page, path: &str) -> Result<(), Trouble> {
    page.wait_for(&format!(
        "caches.match(new URL({path:?}, location).href, {{ ignoreVary: true }})"
    ))
    .await
}

/// Opens a page, and waits until the worker has it and its app.
pub async fn open(page: &Page, path: &str) -> Result<(), Trouble> {
    page.open(path).await?;
    awake(page).await?;
    is_kept(page, path).await?;
    app_is_kept(page).await
}

/// Waits until the worker has what starts the app on any page.
async fn app_is_kept(page: &Page) -> Result<(), Trouble> {
    is_kept(page, "/404.html").await?;
    page.wait_for(
        "Promise.all(performance.getEntriesByType('resource').map(({ name }) => name).filter(name => /assets.*(js|wasm)$/.test(name)).map(name => caches.match(name, { ignoreVary: true }))).then(all => all.length >= 3 && all.every(Boolean))",
    )
    .await
}

/// From now on there is no network.
fn cut(front: &Front) {
    front.answer("*", Answer::drop_connection());
}

async fn note(page: &Page) -> Result<String, Trouble> {
    page.eval(
        "(line => line.hidden ? '' : line.textContent)(document.querySelector('#enregistree'))",
    )
    .await
}

async fn says_since_when(page: &Page) -> Done {
    let note = note(page).await?;
    let words: Vec<&str> = note.split(' ').collect();
    let [
        "Version",
        "enregistrée",
        "le",
        day,
        month,
        "à",
        hour,
        "h",
        minute,
    ] = words[..]
    else {
        return Err(format!("{note:?} does not say since when").into());
    };
    assert!(
        day.parse::<u32>().is_ok_and(|day| (1..=31).contains(&day)),
        "{note}"
    );
    assert!(month.chars().all(char::is_alphabetic), "{note}");
    assert!(hour.parse::<u32>().is_ok_and(|hour| hour < 24), "{note}");
    assert!(
        minute.len() == 2 && minute.parse::<u32>().is_ok_and(|minute| minute < 60),
        "{note}"
    );
    Ok(())
}

async fn an_article_that_was_opened_is_read_again(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    page.through(&front);
    open(page, ARTICLE).await?;
    cut(&front);
    // By its address: Firefox's driver reloads past workers.
    page.reads(ARTICLE, HEADLINE).await?;
    assert!(page.count(".body p").await? > 5);
    says_since_when(page).await?;
    // And without the slash at its end, as some would type it.
    page.reads(ARTICLE.trim_end_matches('/'), HEADLINE).await?;
    says_since_when(page).await?;
    // It is alive: the app and the pictures are there, and the text grows.
    awake(page).await?;
    page.wait_for("document.querySelector('.lead img').naturalWidth > 0")
        .await?;
    page.click_the("radio", "Maximale").await?;
    page.wait_for("getComputedStyle(document.documentElement).fontSize === '32px'")
        .await?;
    // The network is back.
    front.clear();
    page.open(ARTICLE).await?;
    headline(page, HEADLINE).await?;
    assert_eq!(note(page).await?, "");
    Ok(())
}

async fn an_article_newer_than_the_pages_is_read_again(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    newer(site, &front).await?;
    page.through(&front);
    // The app had it before there was a worker.
    page.reads(NEWER, HEADLINE).await?;
    is_kept(page, NEWER_JSON).await?;
    app_is_kept(page).await?;
    for path in [NEWER_JSON, "/404.html"] {
        assert_eq!(front.count(path), 1, "{path}");
    }
    cut(&front);
    page.reads(NEWER, HEADLINE).await?;
    assert!(page.count(".body p").await? > 5);
    says_since_when(page).await?;
    Ok(())
}

async fn a_page_that_was_never_opened_says_so(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    page.through(&front);
    open(page, ARTICLE).await?;
    cut(&front);
    page.reads(OTHER, "Cette page n’a pas pu être chargée")
        .await?;
    page.wait_for_text("La connexion ne passe pas.").await?;
    page.click("main a[href='/hors-ligne/']").await?;
    headline(page, "À lire sans réseau").await?;
    page.wait_for(&format!(
        "document.querySelector('.shelf a[href={ARTICLE:?}]')"
    ))
    .await?;
    front.clear();
    page.open(OTHER).await?;
    page.wait_for_text("loi de finances").await?;
    assert_eq!(note(page).await?, "");
    Ok(())
}

async fn a_slow_network_waits_three_seconds(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    page.through(&front);
    open(page, ARTICLE).await?;
    front.answer(ARTICLE, Answer::silence());
    page.reads(ARTICLE, HEADLINE).await?;
    says_since_when(page).await?;
    Ok(())
}

async fn a_server_that_fails_is_not_seen(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    page.through(&front);
    open(page, ARTICLE).await?;
    for status in [500, 503, 429] {
        front.answer(ARTICLE, Answer::status(status));
        page.reads(ARTICLE, HEADLINE).await?;
        says_since_when(page).await?;
    }
    // A page that is not kept: the app says what the matter is.
    front.answer(OTHER, Answer::status(502));
    front.answer("/api/*", Answer::status(502));
    page.open(OTHER).await?;
    headline(page, "Cette page n’a pas pu être chargée").await?;
    Ok(())
}

async fn what_was_withdrawn_is_gone(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    page.through(&front);
    open(page, ARTICLE).await?;
    for path in [ARTICLE, "/api/articles/le-role-des-regions.json"] {
        front.answer(path, Answer::status(404));
    }
    page.open(ARTICLE).await?;
    page.wait_for_text("404").await?;
    page.open("/").await?;
    awake(page).await?;
    let gone = format!(
        "caches.match(new URL({ARTICLE:?}, location).href, {{ ignoreVary: true }}).then(found => !found)"
    );
    page.wait_for(&gone).await?;
    // Or its document alone was opened, or is asked for: both go.
    front.clear();
    open(page, ARTICLE).await?;
    let ask = format!(
        "return fetch({DOCUMENT:?}, {{ cache: 'no-store', headers: {{ accept: 'application/json' }} }}).then(answer => answer.status)"
    );
    page.run(&ask, vec![]).await?;
    is_kept(page, DOCUMENT).await?;
    front.answer(DOCUMENT, Answer::status(410));
    page.run(&ask, vec![]).await?;
    page.wait_for(&gone).await?;
    page.wait_for(&gone.replace(ARTICLE, DOCUMENT)).await?;
    Ok(())
}

async fn an_article_is_kept_for_later(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    page.through(&front);
    open(page, "/").await?;
    // By its card, without being opened.
    let button = format!(".card:has(a[href={ARTICLE:?}]) .later");
    page.click(&button).await?;
    page.wait_for(&format!(
        "document.querySelector({button:?}).ariaPressed === 'true'"
    ))
    .await?;
    cut(&front);
    page.open("/a-lire/").await?;
    headline(page, "À lire plus tard").await?;
    page.wait_for(&format!(
        "document.querySelector('.shelf a[href={ARTICLE:?}]')"
    ))
    .await?;
    page.click(&format!(".shelf a[href={ARTICLE:?}]")).await?;
    headline(page, HEADLINE).await?;
    says_since_when(page).await?;
    page.reads(ARTICLE, HEADLINE).await?;
    page.wait_for("document.querySelector('.lead img').naturalWidth > 0")
        .await?;
    page.wait_for("document.querySelector('.article-head .later').ariaPressed === 'true'")
        .await?;
    // It goes when the reader says so.
    page.click(".article-head .later").await?;
    page.wait_for("document.querySelector('.article-head .later').ariaPressed === 'false'")
        .await?;
    page.open("/a-lire/").await?;
    page.wait_for_text("Aucun article gardé").await?;
    Ok(())
}

async fn what_can_be_read_is_listed(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    page.through(&front);
    open(page, ARTICLE).await?;
    open(page, OTHER).await?;
    cut(&front);
    page.open("/hors-ligne/").await?;
    headline(page, "À lire sans réseau").await?;
    page.wait_for("document.querySelectorAll('.shelf li').length === 2")
        .await?;
    // What was read last comes first.
    let first = page.attr(".shelf li a", "href").await?;
    assert_eq!(first.as_deref(), Some(OTHER));
    for path in [ARTICLE, OTHER] {
        page.open("/hors-ligne/").await?;
        let link = format!(".shelf a[href={path:?}]");
        page.wait_for(&format!("document.querySelector({link:?})"))
            .await?;
        let name = page.text(&link).await?;
        page.click(&link).await?;
        headline(page, &name).await?;
    }
    Ok(())
}

async fn the_app_reads_what_came_as_a_page(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    page.through(&front);
    open(page, ARTICLE).await?;
    open(page, "/politique/").await?;
    cut(&front);
    // The app asks for the article's data, which came inside its page.
    page.run(
        "document.querySelector(arguments[0]).click()",
        vec![json!(format!(".card a[href={ARTICLE:?}]"))],
    )
    .await?;
    headline(page, HEADLINE).await?;
    says_since_when(page).await?;
    page.back().await?;
    headline(page, "Politique").await?;
    Ok(())
}

async fn a_picture_in_another_width_stands_in(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    page.through(&front);
    open(page, ARTICLE).await?;
    page.wait_for(
        "caches.match(document.querySelector('.lead img').currentSrc, { ignoreVary: true })",
    )
    .await?;
    cut(&front);
    let there: u32 = page
        .eval(
            "new Promise(done => {
                const other = document.querySelector('.lead img').srcset.split(/,? [0-9]+w,? ?/).find(url => url && !document.querySelector('.lead img').currentSrc.endsWith(url))
                const image = new Image()
                image.onload = () => done(image.naturalWidth)
                image.onerror = () => done(0)
                image.src = other
            })",
        )
        .await?;
    assert!(there > 0);
    Ok(())
}

/// `vue-1.webp` is no narrower `vue-2.webp`.
async fn another_picture_does_not_stand_in(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    page.through(&front);
    open(page, ARTICLE).await?;
    cut(&front);
    let shown = "const [kept, asked] = arguments;
        return (async () => {
            const picture = await caches.match(document.querySelector('.lead img').currentSrc, { ignoreVary: true });
            await (await caches.open('manchette:/:images')).put(kept, picture.clone());
            const image = new Image();
            image.src = asked;
            return image.decode().then(() => true, () => false);
        })()";
    page.wait_for(
        "caches.match(document.querySelector('.lead img').currentSrc, { ignoreVary: true })",
    )
    .await?;
    for (kept, asked, stands_in) in [
        ("/media/vue-1.webp", "/media/vue-2.webp", false),
        ("/media/bilan-2025.webp", "/media/bilan-2026.webp", false),
        ("/media/port-400.webp", "/media/port-800.webp", true),
        ("/media/quai-300x200.webp", "/media/quai.webp", true),
    ] {
        let there = page.run(shown, vec![json!(kept), json!(asked)]).await?;
        assert_eq!(there, json!(stands_in), "{asked}");
    }
    Ok(())
}

/// And hears that it is, though the list that its card stands in has changed meanwhile.
async fn what_could_not_be_kept_says_so_until_it_is(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    page.through(&front);
    open(page, "/").await?;
    for path in [ARTICLE, DOCUMENT] {
        front.answer(path, Answer::status(503));
    }
    let button = format!(".card:has(a[href={ARTICLE:?}]) .later");
    let says =
        |words: &str| format!("document.querySelector({button:?}).textContent === {words:?}");
    page.click(&button).await?;
    page.wait_for(&says("N’a pas pu être gardé. Réessayer"))
        .await?;
    page.click(".pager a").await?;
    page.wait_for("document.querySelectorAll('.cards-front > li').length > 7")
        .await?;
    front.clear();
    page.click(&button).await?;
    page.wait_for(&format!(
        "document.querySelector({button:?}).ariaPressed === 'true'"
    ))
    .await?;
    page.wait_for(&says("Lire plus tard")).await?;
    Ok(())
}

/// Another tab's list, which comes first, does not decide.
async fn a_wish_waits_for_its_own_answer(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    page.through(&front);
    open(page, "/").await?;
    page.wait_for("navigator.serviceWorker.controller").await?;
    let slow = Answer::pass().after(Duration::from_secs(1));
    front.answer(ARTICLE, slow);
    let button = format!(".card:has(a[href={ARTICLE:?}]) .later");
    page.run(
        "window.said = [];
         const button = document.querySelector(arguments[0]);
         new MutationObserver(() => said.push(button.textContent)).observe(button, { childList: true, subtree: true, characterData: true });
         navigator.serviceWorker.addEventListener('message', () => said.push('list'));
         button.click();
         navigator.serviceWorker.controller.postMessage({})",
        vec![json!(button)],
    )
    .await?;
    page.wait_for(&format!(
        "document.querySelector({button:?}).ariaPressed === 'true'"
    ))
    .await?;
    page.wait_for("[...document.querySelectorAll('[role=status]')].some(said => said.textContent === 'Article gardé.')")
        .await?;
    let said: Vec<String> = page.eval("said").await?;
    assert!(said.iter().all(|one| one == "list"), "{said:?}");
    Ok(())
}

async fn an_article_is_kept_for_later_below_a_path(site: &Site, page: &Page) -> Done {
    let own = Own::below("/le-courrier")?;
    let front = own.front(site).await?;
    page.through(&front);
    let path = format!("/le-courrier{ARTICLE}");
    page.open("/le-courrier/").await?;
    awake(page).await?;
    is_kept(page, "/le-courrier/").await?;
    let button = format!(".card:has(a[href={path:?}]) .later");
    page.click(&button).await?;
    page.wait_for(&format!(
        "document.querySelector({button:?}).ariaPressed === 'true'"
    ))
    .await?;
    cut(&front);
    page.reads(&path, HEADLINE).await?;
    page.wait_for("document.querySelector('.lead img').naturalWidth > 0")
        .await?;
    Ok(())
}

/// What was read longest ago goes first; what the reader saved stays.
async fn what_is_kept_has_its_limits(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    page.through(&front);
    // A page without a worker, which finds all this when it comes.
    page.open("/robots.txt").await?;
    let fill = "return (async () => {
        const keep = async (name, path, read, bytes) => {
            const headers = { 'x-manchette-read': read, 'x-manchette-bytes': bytes }
            await (await caches.open(`manchette:/:${name}`)).put(path, new Response('', { headers }))
        }
        for (let n = 0; n < 160; n++) await keep('pages', `/vieux/${n}/`, n, 10)
        await keep('images', '/lourde.webp', 1, 15e6)
        await keep('images', '/moins-lourde.webp', 2, 6e6)
        await keep('a-lire', '/garde/', 0, 50e6)
    })()";
    page.run(fill, vec![]).await?;
    open(page, ARTICLE).await?;
    let there = async |path: &str| -> Result<bool, Trouble> {
        page.eval(&format!("caches.match({path:?}).then(Boolean)"))
            .await
    };
    page.wait_for("caches.match('/lourde.webp').then(found => !found)")
        .await?;
    for (path, stays) in [
        ("/vieux/0/", false),
        ("/vieux/24/", false),
        ("/vieux/159/", true),
        ("/vieux/40/", true),
        ("/moins-lourde.webp", true),
        ("/garde/", true),
    ] {
        assert_eq!(there(path).await?, stays, "{path}");
    }
    is_kept(page, ARTICLE).await?;
    Ok(())
}

async fn the_kill_switch_ends_it(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    page.through(&front);
    open(page, ARTICLE).await?;
    let switch = include_str!("../../../deploy/sw-kill.js");
    front.answer("/sw.js", Answer::script(switch));
    page.run(
        "navigator.serviceWorker.ready.then(registration => registration.update())",
        vec![],
    )
    .await?;
    page.wait_for("navigator.serviceWorker.getRegistrations().then(all => all.length === 0)")
        .await?;
    page.wait_for("caches.keys().then(names => names.length === 0)")
        .await?;
    headline(page, HEADLINE).await?;
    Ok(())
}

async fn a_page_is_asked_for_once(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    page.through(&front);
    open(page, ARTICLE).await?;
    for path in [
        OTHER,
        "/politique/",
        "/",
        ARTICLE,
        OTHER,
        "/culture/",
        ARTICLE,
        "/",
    ] {
        front.forget();
        page.open(path).await?;
        awake(page).await?;
        assert_eq!(front.count(path), 1, "{path}");
    }
    Ok(())
}
