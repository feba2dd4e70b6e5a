//! What goes wrong between the newsroom and the reader: the backend, the network, the storage, the
//! app's own files, the app itself. The reader is told calmly, keeps what there is, and can go on.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::Trouble;
use crate::case::{Case, Done, case, fault};
use crate::engine::{Engine, Needs};
use crate::front::{Answer, Front};
use crate::page::Page;
use crate::site::{BOOT, JS, Site, WASM};

pub const CASES: &[Case] = &[
    fault!(
        answers_of_no_use_are_said_and_mended,
        "the backend answers with HTML, half a document, or something else",
        "a sentence that says so, “Réessayer”, and the way to what can be read without it"
    ),
    fault!(
        refusals_are_said_and_mended,
        Needs::NOTHING.without_worker(),
        "the backend answers 403, 429, 500 or 503",
        "a sentence that says so, “Réessayer”, and the way to what can be read without it"
    ),
    fault!(
        broken_connections_are_said_and_mended,
        "the connection to the backend breaks, before or within an answer",
        "a sentence that says so, “Réessayer”, and the way to what can be read without it"
    ),
    case!(pages_that_are_gone_say_so_and_lead_on),
    case!(
        two_more_attempts_are_made_where_they_can_help,
        Needs::NOTHING.without_worker()
    ),
    case!(what_the_server_asks_to_wait_is_waited),
    case!(no_answer_at_all_is_given_up_after_ten_seconds),
    case!(an_answer_that_stops_halfway_is_given_up),
    case!(an_answer_that_drips_is_given_up),
    case!(
        a_fault_met_by_a_click_is_said_in_place,
        Needs::NOTHING.without_worker()
    ),
    case!(an_empty_list_is_no_fault),
    case!(a_missing_picture_keeps_its_place_and_its_words),
    case!(unknown_nodes_fall_away_and_the_text_stays),
    case!(nothing_hostile_in_the_data_reaches_the_page),
    case!(an_item_without_an_id_is_left_out_alone),
    case!(odd_addresses_name_no_page),
    fault!(
        the_article_is_shown_without_the_edition,
        "site.json is missing or broken",
        "the article, in a frame that names nothing"
    ),
    fault!(
        the_article_is_shown_without_the_list_beside_it,
        Needs::NOTHING.without_worker(),
        "the list beside an article is missing or broken",
        "the article, and a sentence in the place of the list"
    ),
    case!(a_slow_list_comes_later_and_moves_nothing),
    case!(the_backend_may_be_another_origin),
    case!(
        without_a_storage_it_only_forgets,
        Needs::NOTHING.storage_off()
    ),
    case!(with_a_full_storage_it_only_forgets),
    case!(rubbish_in_the_storage_is_ignored),
    case!(
        an_app_that_does_not_come_says_so,
        Needs::NOTHING.noisy().without_worker()
    ),
    case!(a_panic_leaves_the_page_and_says_so, Needs::NOTHING.noisy()),
    case!(
        an_exception_in_the_app_leaves_the_page_and_says_so,
        Needs::NOTHING.noisy()
    ),
];

/// An article, its headline and the documents that its page is made of.
const ARTICLE: &str = "/politique/le-role-des-regions/";
const HEADLINE: &str = "Le rôle des régions";
const ARTICLE_JSON: &str = "/api/articles/le-role-des-regions.json";
const LIST_JSON: &str = "/api/feeds/politique.json";

/// The two kinds of page: address, document, headline.
const PAGES: [(&str, &str, &str); 2] = [
    (ARTICLE, ARTICLE_JSON, HEADLINE),
    ("/", "/api/feeds/latest.json", "À la une"),
];

/// What is done to the front.
type Fault<'a> = Box<dyn Fn(&Front) + 'a>;

const TROUBLE: &str = "Cette page n’a pas pu être chargée";
const OVERLOADED: &str = "Le serveur du journal est momentanément débordé ou en panne.";
const REFUSED: &str = "Le serveur du journal a refusé de répondre.";
const NO_NETWORK: &str = "La connexion ne passe pas.";
const TOO_SLOW: &str = "La réponse met trop de temps à venir.";
const NOT_THAT: &str = "Le serveur a répondu autre chose que ce qui était attendu.";
const IN_PART: &str = "Le contenu n’est arrivé qu’en partie";
const TOO_LARGE: &str = "Ce contenu est trop volumineux";

/// A front whose backend is well, and of which no cache keeps a copy: every need is a request.
pub async fn front(site: &Site, page: &Page) -> Result<Front, Trouble> {
    let front = site.front().await?;
    well(&front);
    page.through(&front);
    Ok(front)
}

/// Ends all faults.
pub fn well(front: &Front) {
    front.clear();
    front.answer("/api/*", Answer::pass().header("cache-control", "no-store"));
}

/// Waits for a page's headline.
pub async fn headline(page: &Page, text: &str) -> Result<(), Trouble> {
    let text = serde_json::to_string(text)?;
    page.wait_for(&format!(
        "document.querySelector('main h1').textContent.replace(/\\s+/g, ' ').trim() === {text}"
    ))
    .await
}

/// A document of the site as data, to be changed and served.
pub async fn document(site: &Site, path: &str) -> Result<Value, Trouble> {
    Ok(serde_json::from_str(&site.get(path).await?.body)?)
}

/// Waits until the page has its frame, and nothing on it is waited for any more.
async fn settled(page: &Page) -> Result<(), Trouble> {
    page.wait_for(
        "document.querySelector('.masthead a[href=\"/politique/\"]')
         && !document.querySelector('[aria-busy=true], .skeleton, .bone, [data-busy]')",
    )
    .await
}

/// The reader is told, and the rest of the page is there.
async fn told(page: &Page, sentence: &str) -> Result<(), Trouble> {
    headline(page, TROUBLE).await?;
    page.wait_for_text(sentence).await?;
    settled(page).await
}

/// The fault has ended, and “Réessayer” brings the page, without a reload.
async fn mended(front: &Front, page: &Page, title: &str) -> Result<(), Trouble> {
    well(front);
    page.run("window.mark = 1", vec![]).await?;
    page.click_the("button", "Réessayer").await?;
    headline(page, title).await?;
    settled(page).await?;
    if page.eval::<Option<u32>>("window.mark").await? != Some(1) {
        return Err("“Réessayer” loads the page whole".into());
    }
    Ok(())
}

/// The fault on each kind of page: said, in so many requests, and mended.
async fn said_and_mended(
    front: &Front,
    page: &Page,
    name: &str,
    fault: impl Fn(&str) -> Answer,
    sentence: &str,
    requests: usize,
) -> Result<(), Trouble> {
    for (path, document, title) in PAGES {
        let try_it = async {
            well(front);
            front.forget();
            front.answer(document, fault(document));
            page.reads(path, TROUBLE).await?;
            told(page, sentence).await?;
            // Where a connection breaks before an answer, Firefox and WebKit ask again by themselves.
            // So does Chromium on one that it had opened ahead, but at once, and the app never does.
            let again = name == "dropped" && page.engine() != Engine::Chromium;
            let mut asked = front.requests(document);
            if name == "dropped" {
                asked.dedup_by(|next, last| next.at - last.at < Duration::from_millis(100));
            }
            let count = asked.len();
            if count != requests && !(again && count > requests) {
                return Err(format!("{count} requests").into());
            }
            mended(front, page, title).await
        };
        try_it
            .await
            .map_err(|trouble: Trouble| format!("{name}, on {path}: {trouble}"))?;
    }
    Ok(())
}

async fn answers_of_no_use_are_said_and_mended(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    let hotel = "<!doctype html><title>Wi-Fi</title><h1>Bienvenue à l’hôtel</h1>";
    let mut halves = Vec::new();
    for (_, document, _) in PAGES {
        let text = site.get(document).await?.body;
        halves.push((document, text.chars().take(700).collect::<String>()));
    }
    let half = |document: &str| {
        let half = halves.iter().find(|(name, _)| *name == document);
        Answer::json(half.map_or("", |(_, text)| text))
    };
    said_and_mended(&front, page, "HTML", |_| Answer::html(hotel), NOT_THAT, 1).await?;
    said_and_mended(&front, page, "half of it", half, IN_PART, 1).await?;
    for other in ["[]", "null", r#"{"slug":"le-role-des-regions","body":{}}"#] {
        said_and_mended(&front, page, other, |_| Answer::json(other), NOT_THAT, 1).await?;
    }
    let big = |_: &str| Answer::big(3 << 20);
    said_and_mended(&front, page, "3 MiB", big, TOO_LARGE, 1).await?;
    Ok(())
}

async fn refusals_are_said_and_mended(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    for (status, sentence, requests) in [
        (403, REFUSED, 1),
        (500, OVERLOADED, 3),
        (503, OVERLOADED, 3),
    ] {
        let fault = |_: &str| Answer::status(status);
        let name = status.to_string();
        said_and_mended(&front, page, &name, fault, sentence, requests).await?;
    }
    let hour = |_: &str| Answer::status(429).header("retry-after", "3600");
    said_and_mended(&front, page, "429 for an hour", hour, OVERLOADED, 1).await?;
    Ok(())
}

async fn broken_connections_are_said_and_mended(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    let dropped = |_: &str| Answer::drop_connection();
    said_and_mended(&front, page, "dropped", dropped, NO_NETWORK, 3).await?;
    let cut = |_: &str| Answer::cut(500);
    // WebKit takes the half that came for the whole, and the app sees that it is none.
    let (sentence, requests) = match page.engine() {
        Engine::WebKit => (IN_PART, 1),
        _ => (NO_NETWORK, 3),
    };
    said_and_mended(&front, page, "cut", cut, sentence, requests).await?;
    Ok(())
}

async fn pages_that_are_gone_say_so_and_lead_on(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    for status in [404, 410] {
        for (path, document, title) in PAGES {
            well(&front);
            front.forget();
            // As deploy/nginx.conf says it: without that header browsers keep a 410 for ever.
            let gone = Answer::status(status).header("cache-control", "no-store");
            front.answer(document, gone);
            page.open(path).await?;
            headline(page, "Page introuvable").await?;
            page.wait_for_text("L’adresse demandée ne mène à aucun article")
                .await?;
            settled(page).await?;
            assert_eq!(front.count(document), 1, "{status} {path}");
            assert!(
                page.has("link", "Revenir à la une").await?,
                "{status} {path}"
            );
            assert!(
                page.eval::<bool>("!document.querySelector('link[rel=canonical]')")
                    .await?,
                "{status} {path} has a canonical address"
            );
            well(&front);
            page.reload().await?;
            headline(page, title).await?;
        }
    }
    front.answer(ARTICLE_JSON, Answer::status(404));
    page.open(ARTICLE).await?;
    headline(page, "Page introuvable").await?;
    page.click_the("link", "Revenir à la une").await?;
    headline(page, "À la une").await?;
    Ok(())
}

async fn two_more_attempts_are_made_where_they_can_help(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    for (path, document, title) in PAGES {
        well(&front);
        front.forget();
        front.answer(document, Answer::status(503).times(2));
        page.open(path).await?;
        headline(page, title).await?;
        settled(page).await?;
        let asked = front.requests(document);
        assert_eq!(asked.len(), 3, "503 twice on {path}");
        let gaps = [1, 2].map(|n| asked[n].at - asked[n - 1].at);
        // 400 ms and 800 ms, and half as much again by chance. The answers take a moment, too.
        assert!(gaps[0] >= Duration::from_millis(395), "{gaps:?} on {path}");
        assert!(gaps[1] >= Duration::from_millis(795), "{gaps:?} on {path}");

        front.forget();
        front.answer(document, Answer::drop_connection().times(1));
        page.open(path).await?;
        headline(page, title).await?;
        assert_eq!(front.count(document), 2, "dropped once on {path}");
    }
    Ok(())
}

async fn what_the_server_asks_to_wait_is_waited(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    for (path, document, title) in PAGES {
        well(&front);
        front.forget();
        let busy = Answer::status(429).header("retry-after", "1");
        front.answer(document, busy.times(1));
        page.open(path).await?;
        headline(page, title).await?;
        let asked = front.requests(document);
        assert_eq!(asked.len(), 2, "{path}");
        let gap = asked[1].at - asked[0].at;
        assert!(gap >= Duration::from_secs(1), "{gap:?} on {path}");
    }
    Ok(())
}

async fn no_answer_at_all_is_given_up_after_ten_seconds(site: &Site, page: &Page) -> Done {
    given_up(site, page, &Answer::silence()).await?;
    Ok(())
}

async fn an_answer_that_stops_halfway_is_given_up(site: &Site, page: &Page) -> Done {
    given_up(site, page, &Answer::hang()).await?;
    Ok(())
}

async fn an_answer_that_drips_is_given_up(site: &Site, page: &Page) -> Done {
    given_up(site, page, &Answer::drip(32, Duration::from_millis(200))).await?;
    Ok(())
}

/// Both kinds of page at once, in two tabs: ten seconds are long.
async fn given_up(site: &Site, page: &Page, fault: &Answer) -> Result<(), Trouble> {
    let front = front(site, page).await?;
    let [
        (first_path, first_document, first_title),
        (path, document, title),
    ] = PAGES;
    front.answer(first_document, fault.clone());
    front.answer(document, fault.clone());
    let start = Instant::now();
    page.open(first_path).await?;
    let first = page.tab().await?;
    page.open_tab(path).await?;
    told(page, TOO_SLOW).await?;
    let took = start.elapsed();
    if took < Duration::from_secs(9) {
        return Err(format!("given up after {took:?} already").into());
    }
    mended(&front, page, title).await?;
    page.look_at(&first).await?;
    told(page, TOO_SLOW).await?;
    mended(&front, page, first_title).await
}

async fn a_fault_met_by_a_click_is_said_in_place(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    page.open("/").await?;
    headline(page, "À la une").await?;
    for (answer, sentence) in [
        (Answer::html("<h1>Autre chose</h1>"), NOT_THAT),
        (Answer::status(500), OVERLOADED),
    ] {
        front.answer(ARTICLE_JSON, answer);
        page.click(&format!(".card a[href=\"{ARTICLE}\"]")).await?;
        told(page, sentence).await?;
        assert_eq!(page.path().await?, ARTICLE);
        mended(&front, page, HEADLINE).await?;
        front.answer(ARTICLE_JSON, Answer::status(500));
        page.back().await?;
        headline(page, "À la une").await?;
        // What was read once is still there when the backend is not.
        page.forward().await?;
        headline(page, HEADLINE).await?;
        page.open("/").await?;
        headline(page, "À la une").await?;
    }
    Ok(())
}

async fn an_empty_list_is_no_fault(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    let empty = r#"{"version":"https://jsonfeed.org/version/1.1","title":"Vide","items":[]}"#;
    front.answer("/api/feeds/*", Answer::json(empty));
    for (path, title) in [
        ("/", "À la une"),
        ("/politique/", "Politique"),
        (ARTICLE, HEADLINE),
    ] {
        page.open(path).await?;
        headline(page, title).await?;
        page.wait_for_text("Aucun article ici pour le moment.")
            .await?;
        settled(page).await?;
        assert!(
            !page.has("link", "Charger plus d'articles").await?,
            "{path}"
        );
    }
    Ok(())
}

async fn a_missing_picture_keeps_its_place_and_its_words(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    page.open(ARTICLE).await?;
    headline(page, HEADLINE).await?;
    page.wait_for("document.querySelector('.lead img').complete")
        .await?;
    let there = page.rects(".lead img").await?;
    front.answer(
        "/media/*",
        Answer::status(404).header("cache-control", "no-store"),
    );
    // Under other names: the browser has these pictures by now.
    let mut article = document(site, ARTICLE_JSON).await?;
    article["image"]["url"] = json!("/media/absente-1200.webp");
    article["image"]["srcset"] =
        json!("/media/absente-400.webp 400w, /media/absente-1200.webp 1200w");
    front.answer(ARTICLE_JSON, Answer::json(article.to_string()));
    page.open(ARTICLE).await?;
    headline(page, HEADLINE).await?;
    page.wait_for("document.querySelector('.lead .missing')")
        .await?;
    let missing = page.rects(".lead .missing").await?;
    assert_eq!(there, missing, "the picture's place");
    let words = page.text(".lead .missing").await?;
    assert!(words.starts_with("Douze maisons"), "the picture's words");
    settled(page).await?;
    Ok(())
}

async fn unknown_nodes_fall_away_and_the_text_stays(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    let text = |words: &str| json!({ "type": "text", "value": words });
    let mut article = document(site, ARTICLE_JSON).await?;
    article["body"]["children"] = json!([
        { "type": "sondage", "question": "Oui ou non ?" },
        { "type": "encadre", "children": [{ "type": "paragraph", "children": [text("Dans l’encadré.")] }] },
        { "type": "paragraph", "children": [text("Avant, "), { "type": "lueur", "children": [text("dedans, ")] }, text("après.")] },
        { "type": "paragraph" }, { "children": [] }, 7, null, "rien", [],
        { "type": "heading", "depth": 99, "children": [text("Un intertitre")] },
        { "type": "table", "children": [] },
        { "type": "paragraph", "children": [text("La fin.")] },
    ]);
    front.answer(ARTICLE_JSON, Answer::json(article.to_string()));
    page.open(ARTICLE).await?;
    headline(page, HEADLINE).await?;
    for words in [
        "Dans l’encadré.",
        "Avant, dedans, après.",
        "Un intertitre",
        "La fin.",
    ] {
        page.wait_for_text(words).await?;
    }
    settled(page).await?;
    Ok(())
}

/// Addresses that would do something.
const HOSTILE: [&str; 12] = [
    "javascript:window.pwned=1",
    "JaVaScRiPt:window.pwned=1",
    "java\tscript:window.pwned=1",
    "java\r\nscript:window.pwned=1",
    " \u{1}javascript:window.pwned=1",
    "javascript\u{0}:window.pwned=1",
    "data:text/html,<script>window.pwned=1</script>",
    "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='window.pwned=1'/>",
    "vbscript:window.pwned=1",
    "blob:https://example.org/1",
    "file:///etc/passwd",
    "view-source:https://example.org/",
];
const MARKUP: &str = "<img src=x onerror='window.pwned=1'><script>window.pwned=1</script>";

/// What in the document could do something.
const ARMED: &str = "Array.from(document.querySelectorAll('#app *')).flatMap(element =>
    Array.from(element.attributes).filter(({ name, value }) => {
        if (name.startsWith('on') || name === 'srcdoc' || name === 'style') return true;
        const urls = name === 'srcset' ? value.split(/,\\s+/)
            : ['href', 'src', 'action', 'formaction', 'data', 'poster', 'ping'].includes(name) ? [value] : [];
        return urls.some(url => !['http:', 'https:', 'mailto:', 'tel:'].includes(new URL(url, location).protocol));
    }).map(({ name, value }) => `${element.localName} ${name}=${value}`))
    .concat(Array.from(document.querySelectorAll('#app script, #app iframe, #app object, #app embed, #app [src=x]'), e => e.outerHTML))";

async fn nothing_hostile_in_the_data_reaches_the_page(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    let text = |words: &str| json!([{ "type": "text", "value": words }]);
    let image = |url: &str| {
        json!({ "url": url, "srcset": format!("{url} 400w, {url} 800w"), "alt": MARKUP,
                "caption": MARKUP, "creditText": MARKUP, "width": 800, "height": 450 })
    };
    let nodes = HOSTILE.iter().enumerate().flat_map(|(n, url)| {
        [
            json!({ "type": "paragraph", "children": [
                { "type": "link", "url": url, "title": MARKUP, "children": text(&format!("Lien {n}.")) },
                { "type": "image", "url": url, "alt": MARKUP },
            ] }),
            json!({ "type": "image", "url": url, "alt": MARKUP }),
            json!({ "type": "figure", "image": image(url) }),
            json!({ "type": "seeAlso", "url": url, "title": MARKUP }),
            json!({ "type": "seeAlso", "slug": url, "section": url, "title": MARKUP }),
            json!({ "type": "embed", "provider": "youtube", "url": url, "title": MARKUP }),
            json!({ "type": "embed", "provider": MARKUP, "url": url, "title": MARKUP }),
            json!({ "type": "html", "value": MARKUP }),
            json!({ "type": "paragraph", "children": text(MARKUP) }),
        ]
    });
    let items: Vec<_> = HOSTILE
        .iter()
        .enumerate()
        .map(|(n, url)| {
            json!({ "id": n, "url": url, "external_url": url, "title": format!("Brève {n} {MARKUP}"),
                    "image": url, "content_html": MARKUP, "authors": [{ "name": MARKUP, "url": url }],
                    "_manchette": { "section": url, "slug": url, "kicker": MARKUP, "image": image(url) } })
        })
        .collect();
    let mut article = document(site, ARTICLE_JSON).await?;
    article["body"]["children"] = nodes.collect();
    article["image"] = image(HOSTILE[0]);
    article["url"] = json!(HOSTILE[1]);
    article["author"] = json!([{ "name": MARKUP, "url": HOSTILE[2] }]);
    article["description"] = json!(MARKUP);
    article["keywords"] = json!([MARKUP]);
    article["related"] = json!(items);
    let feed = json!({ "version": "https://jsonfeed.org/version/1.1", "title": MARKUP,
                       "home_page_url": HOSTILE[0], "next_url": HOSTILE[0], "items": items });
    front.answer(ARTICLE_JSON, Answer::json(article.to_string()));
    front.answer("/api/feeds/*", Answer::json(feed.to_string()));

    for path in [ARTICLE, "/", "/politique/"] {
        page.open(path).await?;
        page.wait_for("document.querySelector('.feed-item, .card')")
            .await?;
        page.wait_for_text("Brève 0 <img src=x onerror=").await?;
        settled(page).await?;
        assert_eq!(
            page.eval::<Vec<String>>(ARMED).await?,
            Vec::<String>::new(),
            "{path}"
        );
        assert_eq!(
            page.eval::<Option<String>>("document.querySelector('link[rel=canonical]')?.href")
                .await?
                .filter(|url| !url.starts_with("http")),
            None,
            "{path}"
        );
    }
    page.open(ARTICLE).await?;
    page.wait_for_text("Lien 0.").await?;
    for n in 0..HOSTILE.len() {
        page.wait_for_text(&format!("Lien {n}.")).await?;
    }
    page.frames().await?;
    assert!(page.eval::<bool>("window.pwned === undefined").await?);
    Ok(())
}

async fn an_item_without_an_id_is_left_out_alone(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    let feed = json!({ "version": "https://jsonfeed.org/version/1.1", "items": [
        { "id": "un", "title": "Le premier", "url": "/politique/un/" },
        { "title": "Sans nom", "url": "/politique/sans-nom/" },
        { "id": null, "title": "Sans nom non plus" }, 7, null, [], { "id": "vide" },
        { "id": 2, "summary": "Un sommaire seul" },
    ] });
    front.answer("/api/feeds/*", Answer::json(feed.to_string()));
    for (path, items) in [("/", ".card"), (ARTICLE, ".feed-item")] {
        page.open(path).await?;
        page.wait_for(&format!("document.querySelector('{items}')"))
            .await?;
        settled(page).await?;
        assert_eq!(
            page.texts(&format!("{items} .card-title"))
                .await?
                .iter()
                .filter(|t| *t == "Le premier" || *t == "Un sommaire seul")
                .count(),
            2,
            "{path}"
        );
        let text: String = page
            .eval("document.querySelector('main').innerText")
            .await?;
        assert!(!text.contains("Sans nom"), "{path}: {text}");
    }
    Ok(())
}

async fn odd_addresses_name_no_page(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    let mut silent = Vec::new();
    for path in [
        "/politique/..%2fculture/",
        "/politique/%2e%2e/x/",
        "/politique/Été/",
        "/politique/%C3%89t%C3%A9/",
        "/politique/a%00b/",
        "/politique/a--b/",
        "/politique//le-role-des-regions/",
        "/a/b/c/d/e/",
        "/politique/page/0/",
        "/politique/page/99999999999/",
        "/recherche/",
        "/%22%3E%3Cscript%3Ealert(1)%3C/script%3E/",
        "/politique/..%2f..%2fetc/",
        "/%",
        "/politique/%zz/",
    ] {
        page.open(path).await?;
        if headline(page, "Page introuvable").await.is_err() {
            silent.push(format!("{path}: {}", page.text("body").await?));
            continue;
        }
        page.wait_for_text("L’adresse demandée ne mène à aucun article")
            .await?;
        settled(page).await?;
    }
    assert!(
        front
            .requests("/api/*")
            .iter()
            .all(|seen| !seen.path.contains("..") && !seen.path.contains('%'))
    );
    assert_eq!(silent, Vec::<String>::new(), "no page in French");
    page.click_the("link", "Revenir à la une").await?;
    headline(page, "À la une").await?;
    Ok(())
}

async fn the_article_is_shown_without_the_edition(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    for fault in [
        Answer::status(404),
        Answer::status(500),
        Answer::html("<h1>Non</h1>"),
        Answer::json("[]"),
    ] {
        front.answer("/api/site.json", fault);
        for (path, title) in [(ARTICLE, HEADLINE), ("/", "À la une")] {
            page.reads(path, title).await?;
            page.wait_for("document.querySelectorAll('.feed-item, .card').length > 5 && !document.querySelector('[aria-busy=true], .bone, [data-busy]')")
                .await?;
            let masthead = page.text(".masthead-name").await?;
            assert!(
                !masthead.trim().is_empty(),
                "{path} has a masthead without a name"
            );
            assert!(
                !page
                    .eval::<String>("document.title")
                    .await?
                    .trim()
                    .ends_with('|')
            );
        }
    }
    Ok(())
}

async fn the_article_is_shown_without_the_list_beside_it(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    for (fault, why) in [
        (Answer::status(500), OVERLOADED),
        (Answer::html("<h1>Non</h1>"), NOT_THAT),
        (Answer::drop_connection(), NO_NETWORK),
        (
            Answer::status(404),
            "Ce contenu n’est plus, ou pas encore, à cette adresse.",
        ),
    ] {
        well(&front);
        front.answer(LIST_JSON, fault);
        page.reads(ARTICLE, HEADLINE).await?;
        page.wait_for_text(&format!(
            "Les dernières actualités n’ont pas pu être chargées. {why}"
        ))
        .await?;
        settled(page).await?;
        assert!(page.has("region", "Dernières actualités Politique").await?);
        assert!(page.has("region", "À lire aussi").await?);
        well(&front);
        page.click_the("button", "Réessayer").await?;
        page.wait_for("document.querySelectorAll('.latest .feed-item').length === 6")
            .await?;
        settled(page).await?;
        assert_eq!(
            front.count(ARTICLE_JSON),
            1,
            "the article is asked for again"
        );
        front.forget();
    }
    Ok(())
}

async fn a_slow_list_comes_later_and_moves_nothing(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    front.answer(LIST_JSON, Answer::pass().after(Duration::from_secs(3)));
    let start = Instant::now();
    page.open(ARTICLE).await?;
    headline(page, HEADLINE).await?;
    assert_eq!(
        page.count(".feed-item").await?,
        0,
        "the article waits for the list ({:?})",
        start.elapsed()
    );
    page.run(
        "document.querySelector('.related').scrollIntoView({ block: 'end', behavior: 'instant' })",
        vec![],
    )
    .await?;
    page.at_rest().await?;
    let places = "['.latest', '.related', '.foot'].map(css => Math.round(document.querySelector(css).getBoundingClientRect().top + scrollY))";
    let before: [i32; 3] = page.eval(places).await?;
    page.wait_for("document.querySelectorAll('.latest .feed-item').length === 6")
        .await?;
    settled(page).await?;
    let after: [i32; 3] = page.eval(places).await?;
    assert_eq!(before, after, ".latest, .related and .foot have moved");
    if page.engine() == Engine::Chromium {
        let moved: f64 = page
            .layout_shifts()
            .await?
            .iter()
            .map(|shift| shift.value)
            .sum();
        assert!(moved < 0.001, "{:?}", page.layout_shifts().await?);
    }
    Ok(())
}

async fn the_backend_may_be_another_origin(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    let backend = site.front().await?;
    backend.answer(
        "/api/*",
        Answer::pass().header("access-control-allow-origin", "*"),
    );
    let origin = backend.url().to_owned();
    let policy = site
        .get("/")
        .await?
        .header("content-security-policy")
        .to_owned();
    let theirs = policy.replace(
        "connect-src 'self'",
        &format!("connect-src 'self' {origin}"),
    );
    assert_ne!(policy, theirs, "connect-src is not where it was");
    front.answer(
        "*",
        Answer::pass().header("content-security-policy", &theirs),
    );
    front.html(move |page| {
        page.replace(
            "<meta name=\"manchette:api\" content=\"/api/\">",
            &format!("<meta name=\"manchette:api\" content=\"{origin}/api\">"),
        )
    });
    page.open("/politique/").await?;
    headline(page, "Politique").await?;
    settled(page).await?;
    let before = page.count(".card").await?;
    page.click(".pager a").await?;
    page.wait_for(&format!(
        "document.querySelectorAll('.card').length > {before}"
    ))
    .await?;
    page.click(&format!(".card a[href=\"{ARTICLE}\"]")).await?;
    headline(page, HEADLINE).await?;
    page.wait_for("document.querySelectorAll('.latest .feed-item').length === 6")
        .await?;
    assert_eq!(front.count("/api/*"), 0, "asked of the page's own origin");
    assert!(backend.count(ARTICLE_JSON) >= 1);
    Ok(())
}

/// The text size works, links open, Back leads back.
async fn works(page: &Page) -> Result<(), Trouble> {
    page.open(ARTICLE).await?;
    headline(page, HEADLINE).await?;
    settled(page).await?;
    page.click_the("radio", "Grande").await?;
    page.wait_for("document.documentElement.dataset.taille === 'grande'")
        .await?;
    page.click(".masthead a[href=\"/politique/\"]").await?;
    headline(page, "Politique").await?;
    page.back().await?;
    headline(page, HEADLINE).await?;
    page.reload().await?;
    headline(page, HEADLINE).await?;
    settled(page).await
}

async fn without_a_storage_it_only_forgets(_: &Site, page: &Page) -> Done {
    works(page).await?;
    assert_eq!(
        page.eval::<String>("document.documentElement.dataset.taille")
            .await?,
        "normale"
    );
    Ok(())
}

async fn with_a_full_storage_it_only_forgets(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    front.inject(
        "Storage.prototype.setItem = () => { throw new DOMException('Plein', 'QuotaExceededError') }",
    );
    works(page).await?;
    assert_eq!(
        page.eval::<String>("document.documentElement.dataset.taille")
            .await?,
        "normale"
    );
    Ok(())
}

async fn rubbish_in_the_storage_is_ignored(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    for rubbish in [
        "'💥\\u0000'.repeat(1000)",
        "''",
        "'-5 NaN'",
        "'4000000000 2147483647'",
        "'1e9 0x10 7'",
        "JSON.stringify({ taille: ['grande'], __proto__: null })",
    ] {
        well(&front);
        let known = "['manchette:taille', 'manchette:place:' + location.pathname]";
        front.inject(&format!(
            "for (const storage of [localStorage, sessionStorage]) {{
                 for (const key of {known}.concat(Object.keys(storage))) storage.setItem(key, {rubbish});
             }}"
        ));
        for (path, title) in [(ARTICLE, HEADLINE), ("/", "À la une")] {
            page.open(path).await?;
            headline(page, title).await?;
            page.reload().await?;
            headline(page, title).await?;
            settled(page).await?;
            assert_eq!(
                page.eval::<String>("document.documentElement.dataset.taille")
                    .await?,
                "normale",
                "{rubbish}"
            );
        }
    }
    works(page).await?;
    Ok(())
}

async fn an_app_that_does_not_come_says_so(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    let garbage =
        || Answer::json("\u{0}asm et puis rien").header("content-type", "application/wasm");
    let faults: [(&str, Fault<'_>); 7] = [
        (
            "no script of the app",
            Box::new(|front| front.answer(JS, Answer::status(404))),
        ),
        (
            "no wasm",
            Box::new(|front| front.answer(WASM, Answer::status(404))),
        ),
        (
            "a wasm that is HTML",
            Box::new(|front| front.answer(WASM, Answer::html("<h1>Bienvenue</h1>"))),
        ),
        (
            "a wasm of rubbish",
            Box::new(move |front| front.answer(WASM, garbage())),
        ),
        (
            "half a wasm",
            Box::new(|front| front.answer(WASM, Answer::cut(20_000))),
        ),
        (
            "no WebAssembly",
            Box::new(|front| front.inject("delete window.WebAssembly")),
        ),
        (
            "no start script",
            Box::new(|front| front.answer(BOOT, Answer::status(503))),
        ),
    ];
    let mut silent = Vec::new();
    for (name, fault) in faults {
        for (path, title) in [(ARTICLE, HEADLINE), ("/", "À la une")] {
            well(&front);
            front.asks_again("/assets/*");
            fault(&front);
            page.open(path).await?;
            if let Err(trouble) = page
                .wait_for_text(
                    "La page n’a pas pu s’ouvrir Une partie du journal n’est pas arrivée",
                )
                .await
            {
                silent.push(format!("{name}, on {path}: {trouble}"));
                break;
            }
            assert_eq!(
                page.count(".skeleton").await?,
                0,
                "{name}: the skeleton stays"
            );
            assert_eq!(page.eval::<u32>("Array.from(document.querySelectorAll('h1')).filter(h1 => h1.checkVisibility()).length").await?, 1, "{name}");
            well(&front);
            front.asks_again("/assets/*");
            page.click_the("link", "Réessayer").await?;
            headline(page, title)
                .await
                .map_err(|trouble| format!("after {name}, on {path}: {trouble}"))?;
        }
    }
    assert_eq!(silent, Vec::<String>::new());
    Ok(())
}

async fn a_panic_leaves_the_page_and_says_so(site: &Site, page: &Page) -> Done {
    // What `fetch` promises is a Response, and the app takes its word for it.
    breakdown(site, page, "window.fetch = () => Promise.resolve({})").await?;
    Ok(())
}

async fn an_exception_in_the_app_leaves_the_page_and_says_so(site: &Site, page: &Page) -> Done {
    // A refusal that no browser has ever given goes through the app as an exception of JavaScript.
    let script = "Document.prototype.createTextNode = () => { throw new Error('panne') }";
    breakdown(site, page, script).await?;
    Ok(())
}

async fn breakdown(site: &Site, page: &Page, script: &str) -> Result<(), Trouble> {
    let _front = front(site, page).await?;
    page.open("/").await?;
    headline(page, "À la une").await?;
    settled(page).await?;
    let before: String = page
        .eval("document.querySelector('.cards').innerText")
        .await?;
    page.run("window.mark = 1", vec![]).await?;
    // What breaks in an extension of the browser is none of the app's business.
    page.run(
        "dispatchEvent(new ErrorEvent('error', { error: new Error('une extension') }))",
        vec![],
    )
    .await?;
    assert!(
        page.eval::<bool>("document.querySelector('#panne').hidden")
            .await?
    );
    page.run(script, vec![]).await?;
    page.click(".pager a").await?;
    page.wait_for_text("Une partie de la page s’est arrêtée. Vous pouvez continuer à lire")
        .await?;
    assert_eq!(
        page.eval::<String>("document.querySelector('.cards').innerText")
            .await?,
        before
    );
    page.click(&format!(".card a[href=\"{ARTICLE}\"]")).await?;
    headline(page, HEADLINE).await?;
    if page.eval::<bool>("'mark' in window").await? {
        return Err("a link does not load its page whole".into());
    }
    settled(page).await?;
    page.wait_for("document.querySelector('#panne').hidden")
        .await
}
