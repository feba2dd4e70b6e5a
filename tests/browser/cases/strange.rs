//! More of what goes wrong on the way to the reader: on a section's front, at the very start, in
//! documents that are strange and not wrong, and where waiting and trying again has to end.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::faults::{document, front, headline, well};
use crate::Trouble;
use crate::case::{Case, Done, case};
use crate::engine::Needs;
use crate::front::{Answer, Front};
use crate::page::{Page, Rect};
use crate::site::{Site, WASM};

pub const CASES: &[Case] = &[
    case!(
        a_section_that_fails_says_so_and_is_mended,
        Needs::NOTHING.without_worker()
    ),
    case!(a_section_that_fails_by_a_click_says_so_in_place),
    case!(trying_again_in_vain_is_said_again),
    case!(
        odd_wishes_for_a_wait_are_no_trap,
        Needs::NOTHING.without_worker()
    ),
    case!(strange_documents_are_shown),
    case!(odd_members_cost_only_themselves),
    case!(a_hostile_edition_reaches_nothing),
    case!(hostile_embeds_open_nothing_else),
    case!(the_article_does_not_wait_for_ever_for_the_edition),
    case!(a_slow_list_leaves_the_text_where_it_is),
    case!(
        a_backend_that_refuses_other_origins_is_said_and_mended,
        Needs::NOTHING.noisy().without_worker()
    ),
    case!(
        the_shape_of_the_page_is_seen_after_a_moment,
        Needs::NOTHING.without_worker()
    ),
    case!(
        an_app_that_comes_very_late_takes_its_place,
        Needs::NOTHING.without_worker()
    ),
    case!(
        a_panic_before_the_first_page_says_so,
        Needs::NOTHING.noisy().without_worker()
    ),
    case!(
        an_exception_before_the_first_page_says_so,
        Needs::NOTHING.noisy().without_worker()
    ),
];

const ARTICLE: &str = "/politique/le-role-des-regions/";
const HEADLINE: &str = "Le rôle des régions";
const ARTICLE_JSON: &str = "/api/articles/le-role-des-regions.json";
const SECTION: &str = "/politique/";
const SECTION_JSON: &str = "/api/feeds/politique.json";
const SITE_JSON: &str = "/api/site.json";

const TROUBLE: &str = "Cette page n’a pas pu être chargée";
const OVERLOADED: &str = "Le serveur du journal est momentanément débordé ou en panne.";
const REFUSED: &str = "Le serveur du journal a refusé de répondre.";
const NO_NETWORK: &str = "La connexion ne passe pas.";
const NOT_THAT: &str = "Le serveur a répondu autre chose que ce qui était attendu.";
const IN_PART: &str = "Le contenu n’est arrivé qu’en partie";
const TOO_LARGE: &str = "Ce contenu est trop volumineux";

/// Nothing on the page is waited for any more, and there is one headline that can be seen.
async fn whole(page: &Page) -> Result<(), Trouble> {
    page.wait_for(
        "!document.querySelector('[aria-busy=true], .skeleton, .bone, [data-busy]')
         && [...document.querySelectorAll('h1')].filter(h1 => h1.checkVisibility()).length === 1",
    )
    .await
}

/// The frame, the sentence and the ways on.
async fn told(page: &Page, sentence: &str) -> Result<(), Trouble> {
    headline(page, TROUBLE).await?;
    page.wait_for_text(sentence).await?;
    whole(page).await?;
    page.wait_for("document.querySelector('.masthead a[href=\"/culture/\"]')")
        .await?;
    for (role, name) in [("button", "Réessayer"), ("link", "Revenir à la une")] {
        if !page.has(role, name).await? {
            return Err(format!("there is no {role} “{name}”").into());
        }
    }
    Ok(())
}

/// A document that no cache keeps.
fn served(document: &Value) -> Answer {
    Answer::json(document.to_string()).header("cache-control", "no-store")
}

async fn a_section_that_fails_says_so_and_is_mended(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    // The pointer comes to rest on a link, and what is fetched ahead would be counted too.
    let saving = "Object.defineProperty(navigator, 'connection', { value: { saveData: true } })";
    let text = site.get(SECTION_JSON).await?.body;
    let half: String = text.chars().take(text.chars().count() / 2).collect();
    let hotel = "<!doctype html><title>Wi-Fi</title><h1>Bienvenue</h1>";
    let hour = Answer::status(503).header("retry-after", "3600");
    for (name, answer, sentence, requests) in [
        ("500", Answer::status(500), OVERLOADED, 3),
        ("403", Answer::status(403), REFUSED, 1),
        ("503 for an hour", hour, OVERLOADED, 1),
        ("HTML", Answer::html(hotel), NOT_THAT, 1),
        ("half", Answer::json(half), IN_PART, 1),
        ("no items", Answer::json(r#"{"title":"x"}"#), NOT_THAT, 1),
        ("a list", Answer::json("[]"), NOT_THAT, 1),
        ("null", Answer::json("null"), NOT_THAT, 1),
        ("nothing", Answer::json(""), NOT_THAT, 1),
        ("3 MiB", Answer::big(3 << 20), TOO_LARGE, 1),
    ] {
        let try_it = async {
            well(&front);
            front.inject(saving);
            front.forget();
            front.answer(SECTION_JSON, answer);
            page.open(SECTION).await?;
            told(page, sentence).await?;
            let count = front.count(SECTION_JSON);
            if count != requests {
                return Err(format!("{count} requests").into());
            }
            well(&front);
            page.click_the("button", "Réessayer").await?;
            headline(page, "Politique").await?;
            page.wait_for("document.querySelectorAll('.card').length > 3")
                .await?;
            whole(page).await
        };
        try_it
            .await
            .map_err(|trouble: Trouble| format!("{name}: {trouble}"))?;
    }
    for status in [404, 410] {
        let gone = Answer::status(status).header("cache-control", "no-store");
        front.answer(SECTION_JSON, gone);
        page.open(SECTION).await?;
        headline(page, "Page introuvable").await?;
        whole(page).await?;
    }
    Ok(())
}

async fn a_section_that_fails_by_a_click_says_so_in_place(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    for (answer, sentence) in [
        (Answer::status(500), OVERLOADED),
        (Answer::json("null"), NOT_THAT),
    ] {
        well(&front);
        page.open("/").await?;
        headline(page, "À la une").await?;
        front.answer(SECTION_JSON, answer);
        page.click(".masthead a[href=\"/politique/\"]").await?;
        told(page, sentence).await?;
        assert_eq!(page.path().await?, SECTION);
        page.click_the("link", "Revenir à la une").await?;
        headline(page, "À la une").await?;
        whole(page).await?;
    }
    front.answer(SECTION_JSON, Answer::status(404));
    page.click(".masthead a[href=\"/politique/\"]").await?;
    headline(page, "Page introuvable").await?;
    assert_eq!(page.path().await?, SECTION);
    page.back().await?;
    headline(page, "À la une").await?;
    whole(page).await?;
    Ok(())
}

async fn trying_again_in_vain_is_said_again(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    for (path, document, title) in [
        (ARTICLE, ARTICLE_JSON, HEADLINE),
        (SECTION, SECTION_JSON, "Politique"),
    ] {
        well(&front);
        front.forget();
        front.answer(document, Answer::status(403));
        page.open(path).await?;
        told(page, REFUSED).await?;
        // Each time another reason, so that what is read is what has just happened.
        for (answer, sentence, requests) in [
            (Answer::json("[]"), NOT_THAT, 2),
            (Answer::status(403), REFUSED, 3),
            (Answer::big(3 << 20), TOO_LARGE, 4),
        ] {
            front.answer(document, answer);
            page.click_the("button", "Réessayer").await?;
            told(page, sentence).await?;
            assert_eq!(front.count(document), requests, "{path}");
        }
        well(&front);
        page.click_the("button", "Réessayer").await?;
        headline(page, title).await?;
        whole(page).await?;
        assert_eq!(front.count(document), 5, "{path}");
    }
    Ok(())
}

async fn odd_wishes_for_a_wait_are_no_trap(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    let busy = |wish: &str| Answer::status(429).header("retry-after", wish);
    for wish in ["0", "demain", "", "Thu, 01 Jan 1970 00:00:00 GMT"] {
        well(&front);
        front.forget();
        front.answer(ARTICLE_JSON, busy(wish).times(1));
        page.open(ARTICLE).await?;
        headline(page, HEADLINE).await?;
        assert_eq!(front.count(ARTICLE_JSON), 2, "{wish}");
    }
    for (wish, requests) in [
        ("0", 3),
        ("86400", 1),
        ("4294967295", 1),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 1),
    ] {
        well(&front);
        front.forget();
        front.answer(ARTICLE_JSON, busy(wish));
        page.open(ARTICLE).await?;
        told(page, OVERLOADED).await?;
        assert_eq!(front.count(ARTICLE_JSON), requests, "{wish}");
    }
    Ok(())
}

async fn strange_documents_are_shown(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    let text = site.get(ARTICLE_JSON).await?.body;
    let with_body = |body: &str| {
        format!(r#"{{"slug":"le-role-des-regions","headline":"{HEADLINE}","body":{body}}}"#)
    };
    let deep = |levels: usize| {
        let open = r#"{"type":"blockquote","children":["#.repeat(levels);
        let leaf = r#"{"type":"paragraph","children":[{"type":"text","value":"Le fond."}]}"#;
        let close = "]}".repeat(levels);
        with_body(&format!(
            r#"{{"type":"root","children":[{open}{leaf}{close}]}}"#
        ))
    };
    let unknown = format!(
        r#"{{"x":{}{},{}"#,
        "[".repeat(50_000),
        "]".repeat(50_000),
        &text.trim_start()[1..]
    );
    let many = (0..3_000).map(
        |n| json!({ "type": "paragraph", "children": [{ "type": "text", "value": format!("{n}.") }] }),
    );
    let many = json!({ "type": "root", "children": many.collect::<Vec<_>>() });
    let long = text.replace(
        HEADLINE,
        &format!("{HEADLINE} \\u0000\\u202e{}", "o".repeat(400)),
    );
    for (name, answer) in [
        ("a byte-order mark", Answer::json(format!("\u{feff}{text}"))),
        (
            "another type",
            Answer::json(&*text).header("content-type", "text/plain"),
        ),
        ("an unknown member, deep", Answer::json(unknown)),
        ("a deep body", Answer::json(deep(40))),
        ("a very deep body", Answer::json(deep(20_000))),
        (
            "no text",
            Answer::json(with_body(r#"{"type":"root","children":[]}"#)),
        ),
        ("much text", Answer::json(with_body(&many.to_string()))),
    ] {
        front.answer(ARTICLE_JSON, answer.header("cache-control", "no-store"));
        page.open(ARTICLE).await?;
        let shown = async {
            headline(page, HEADLINE).await?;
            if name.contains("deep body") {
                page.wait_for_text("Le fond.").await?;
            }
            whole(page).await
        };
        shown
            .await
            .map_err(|trouble: Trouble| format!("{name}: {trouble}"))?;
    }
    front.answer(ARTICLE_JSON, Answer::json(long));
    page.open(ARTICLE).await?;
    page.wait_for("document.querySelector('main h1').textContent.endsWith('ooo')")
        .await?;
    whole(page).await?;
    let wide: [i32; 2] = page
        .eval("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        .await?;
    assert!(wide[0] <= wide[1], "a long word makes the page {wide:?}");
    Ok(())
}

async fn odd_members_cost_only_themselves(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    let odd = [
        json!(7),
        json!(-1e300),
        json!(true),
        json!([]),
        json!({}),
        json!("\u{0}"),
        json!("2026-13-45T99:99:99+99:99"),
        json!([null, 7, "", {}]),
    ];
    let mut article = document(site, ARTICLE_JSON).await?;
    let mut feed = document(site, SECTION_JSON).await?;
    let edition = document(site, SITE_JSON).await?;
    for odd in odd {
        for name in [
            "identifier",
            "url",
            "articleSection",
            "kicker",
            "description",
            "inLanguage",
            "datePublished",
            "dateModified",
            "author",
            "keywords",
            "image",
            "related",
        ] {
            article[name] = odd.clone();
        }
        for name in ["version", "title", "home_page_url", "feed_url", "next_url"] {
            feed[name] = odd.clone();
        }
        for (n, item) in feed["items"]
            .as_array_mut()
            .into_iter()
            .flatten()
            .enumerate()
        {
            *item = json!({ "id": n, "title": format!("Brève {n}") });
            for name in [
                "url",
                "image",
                "date_published",
                "authors",
                "tags",
                "_manchette",
            ] {
                item[name] = odd.clone();
            }
        }
        let mut edition = edition.clone();
        for name in [
            "description",
            "language",
            "url",
            "feed_refresh_seconds",
            "logo",
            "publisher",
        ] {
            edition[name] = odd.clone();
        }
        front.answer(ARTICLE_JSON, served(&article));
        front.answer(SECTION_JSON, served(&feed));
        front.answer(SITE_JSON, served(&edition));
        front.forget();
        for (path, title) in [(ARTICLE, HEADLINE), (SECTION, "Politique")] {
            page.open(path).await?;
            let shown = async {
                headline(page, title).await?;
                page.wait_for_text("Brève 5").await?;
                whole(page).await
            };
            shown
                .await
                .map_err(|trouble: Trouble| format!("{odd} on {path}: {trouble}"))?;
        }
        // Whatever the edition says of its refresh, nobody asks without a pause.
        assert!(front.count(SECTION_JSON) <= 4, "{odd}");
    }
    Ok(())
}

const SCRIPT: &str = "javascript:window.hacked=1";
const MARKUP: &str = "<img src=x onerror='window.hacked=1'><script>window.hacked=1</script>";

/// What in the whole document could do something, our own scripts left out.
const ARMED: &str = "[...document.querySelectorAll('a, area, link, iframe, img, source, form, base, object, embed')]
    .filter(element => !element.matches('head link[rel~=icon]'))
    .flatMap(element => ['href', 'src', 'action', 'data'].map(name => element.getAttribute(name)).filter(value => value !== null))
    .filter(value => !['http:', 'https:', 'mailto:', 'tel:'].includes(new URL(value, location).protocol))
    .concat([...document.querySelectorAll('#app script, #app [onerror], base, object, embed')].map(element => element.outerHTML))";

async fn a_hostile_edition_reaches_nothing(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    let edition = json!({
        "name": format!("Le Courrier {MARKUP}"), "description": MARKUP, "language": MARKUP,
        "url": SCRIPT, "logo": "data:text/html,<script>window.hacked=1</script>",
        "sameAs": [SCRIPT, "JAVA\tSCRIPT:window.hacked=1"], "publisher": MARKUP,
        "sections": [
            { "slug": "politique", "title": MARKUP },
            { "slug": SCRIPT, "title": "Rubrique piégée" },
            { "slug": "../../etc", "title": "Rubrique piégée" },
            { "slug": "//example.com", "title": "Rubrique piégée" },
            { "slug": "api", "title": "Rubrique piégée" },
            { "slug": "culture", "title": "Culture" },
        ],
        "feed_refresh_seconds": 60,
    });
    front.answer(SITE_JSON, served(&edition));
    for (path, items) in [(ARTICLE, ".feed-item"), ("/", ".card"), (SECTION, ".card")] {
        page.open(path).await?;
        page.wait_for(&format!("document.querySelector('{items}')"))
            .await?;
        page.wait_for_text("Le Courrier <img src=x").await?;
        whole(page).await?;
        assert_eq!(page.eval::<Vec<String>>(ARMED).await?, [""; 0], "{path}");
        assert_eq!(
            page.eval::<Vec<String>>(
                "[...document.querySelectorAll('.masthead nav a')].map(a => a.getAttribute('href'))"
            )
            .await?,
            ["/politique/", "/culture/"],
            "{path}"
        );
    }
    page.frames().await?;
    assert!(page.eval::<bool>("!('hacked' in window)").await?);
    Ok(())
}

async fn hostile_embeds_open_nothing_else(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    let urls = [
        "https://www.youtube.com/watch?v=\"><script>window.hacked=1</script>",
        "https://www.youtube.com/watch?v=../../../redirect",
        "https://www.youtube.com/watch?v=%2e%2e%2fredirect",
        "https://www.youtube.com/embed/x?autoplay=1&url=javascript:window.hacked=1",
        "https://www.youtube.com.example.com/watch?v=aaaaaaaaaaa",
        "https://www.youtube.com@example.com/watch?v=aaaaaaaaaaa",
        "https://example.com/https://www.youtube.com/watch?v=aaaaaaaaaaa",
        "javascript://www.youtube.com/watch?v=aaaaaaaaaaa%0awindow.hacked=1",
        "data://youtu.be/aaaaaaaaaaa",
        "//example.com/watch?v=aaaaaaaaaaa",
    ];
    let nodes: Vec<_> = urls
        .iter()
        .map(|url| json!({ "type": "embed", "provider": "youtube", "url": url, "title": MARKUP }))
        .collect();
    let mut article = document(site, ARTICLE_JSON).await?;
    article["body"] = json!({ "type": "root", "children": nodes });
    front.answer(ARTICLE_JSON, served(&article));
    page.open(ARTICLE).await?;
    headline(page, HEADLINE).await?;
    whole(page).await?;
    assert_eq!(page.count("iframe").await?, 0, "before anything is asked");
    assert_eq!(page.eval::<Vec<String>>(ARMED).await?, [""; 0]);
    // All at once; those that are plain links must not lead away from what is looked at.
    page.run(
        "addEventListener('click', event => event.preventDefault());
         document.querySelectorAll('.embed a').forEach(link => link.click())",
        vec![],
    )
    .await?;
    page.frames().await?;
    let players: Vec<String> = page
        .eval("[...document.querySelectorAll('iframe')].map(frame => frame.src)")
        .await?;
    for player in &players {
        let id = player
            .strip_prefix("https://www.youtube-nocookie.com/embed/")
            .and_then(|rest| rest.strip_suffix("?autoplay=1"))
            .ok_or(format!("a frame of {player}"))?;
        assert!(id.chars().all(|c| c.is_ascii_alphanumeric()), "{player}");
    }
    assert_eq!(page.eval::<Vec<String>>(ARMED).await?, [""; 0]);
    assert!(page.eval::<bool>("!('hacked' in window)").await?);
    assert_eq!(page.path().await?, ARTICLE);
    Ok(())
}

async fn the_article_does_not_wait_for_ever_for_the_edition(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    for fault in [Answer::drop_connection(), Answer::silence(), Answer::hang()] {
        well(&front);
        front.answer(SITE_JSON, fault);
        page.open(ARTICLE).await?;
        headline(page, HEADLINE).await?;
        page.wait_for("document.querySelectorAll('.feed-item').length === 6")
            .await?;
        whole(page).await?;
        assert!(!page.text(".masthead-name").await?.trim().is_empty());
    }
    Ok(())
}

async fn a_slow_list_leaves_the_text_where_it_is(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    front.answer(SECTION_JSON, Answer::pass().after(Duration::from_secs(3)));
    page.open(ARTICLE).await?;
    headline(page, HEADLINE).await?;
    page.wait_for("document.querySelector('.lead img')?.complete ?? true")
        .await?;
    page.frames().await?;
    let text = ["main h1", ".body p", ".body > :last-child", ".lead"];
    let places = async || {
        let mut places: Vec<Vec<Rect>> = Vec::new();
        for css in text {
            places.push(page.rects(css).await?);
        }
        Ok::<_, Trouble>(places)
    };
    let before = places().await?;
    assert!(before.iter().all(|rects| !rects.is_empty()), "{before:?}");
    assert_eq!(
        page.count(".feed-item").await?,
        0,
        "the article waits for the list"
    );
    page.wait_for("document.querySelectorAll('.latest .feed-item').length === 6")
        .await?;
    whole(page).await?;
    assert_eq!(before, places().await?, "{text:?} have moved");
    Ok(())
}

async fn a_backend_that_refuses_other_origins_is_said_and_mended(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    let backend = site.front().await?;
    let origin = backend.url().to_owned();
    let index = site.get("/").await?;
    let policy = index.header("content-security-policy").to_owned();
    let connect = format!("connect-src 'self' {origin}");
    let theirs = policy.replace("connect-src 'self'", &connect);
    assert_ne!(policy, theirs, "connect-src is not where it was");
    let pages = Answer::pass().header("content-security-policy", &theirs);
    front.answer("*", pages);
    front.html(move |page| {
        page.replace(
            "<meta name=\"manchette:api\" content=\"/api/\">",
            &format!("<meta name=\"manchette:api\" content=\"{origin}/api/\">"),
        )
    });
    let no_store = || Answer::pass().header("cache-control", "no-store");
    for (path, title) in [(ARTICLE, HEADLINE), (SECTION, "Politique")] {
        backend.answer("/api/*", no_store());
        page.open(path).await?;
        headline(page, TROUBLE).await?;
        page.wait_for_text(NO_NETWORK).await?;
        whole(page).await?;
        let open = no_store().header("access-control-allow-origin", "*");
        backend.answer("/api/*", open);
        page.click_the("button", "Réessayer").await?;
        headline(page, title).await?;
        whole(page).await?;
        page.wait_for("document.querySelector('.masthead a[href=\"/culture/\"]')")
            .await?;
    }
    Ok(())
}

async fn the_shape_of_the_page_is_seen_after_a_moment(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    for (path, title) in [(ARTICLE, HEADLINE), (SECTION, "Politique")] {
        well(&front);
        // The moment is measured on the animation's own clock: a slow machine draws late, and
        // then sees the shape late, but never at another time of the animation.
        front.inject(
            "window.seen = [];
             const look = () => {
                 const shape = document.querySelector('.skeleton');
                 if (shape) {
                     const { visibility } = getComputedStyle(shape);
                     seen.push([shape.getAnimations()[0]?.currentTime ?? 0, visibility]);
                 }
                 return shape;
             };
             const frame = () => look() && requestAnimationFrame(frame);
             const parsed = new MutationObserver(() => {
                 if (look()) {
                     parsed.disconnect();
                     requestAnimationFrame(frame);
                 }
             });
             parsed.observe(document, { childList: true, subtree: true });",
        );
        let slow = Answer::pass().after(Duration::from_secs(2));
        front.answer(WASM, slow.header("cache-control", "no-store"));
        page.open(path).await?;
        headline(page, title).await?;
        whole(page).await?;
        let seen: Vec<(f64, String)> = page.eval("seen").await?;
        let first = seen.first().ok_or("there was no shape")?;
        assert_eq!(first.1, "hidden", "at once, on {path}");
        for (time, visibility) in &seen {
            let due = if *time < 200.0 { "hidden" } else { "visible" };
            assert_eq!(visibility, due, "{time} ms after it came, on {path}");
        }
        let shown = seen.iter().any(|(_, visibility)| visibility == "visible");
        assert!(shown, "the shape never shows on {path}");
    }
    Ok(())
}

async fn an_app_that_comes_very_late_takes_its_place(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    let late = Answer::pass().after(Duration::from_secs(26));
    front.answer(WASM, late.header("cache-control", "no-store"));
    let start = Instant::now();
    page.open(ARTICLE).await?;
    let sorry = "document.querySelector('#secours')";
    if page.wait_for(sorry).await.is_err() {
        page.wait_for(sorry).await?;
    }
    let took = start.elapsed();
    assert!(took > Duration::from_secs(18), "given up after {took:?}");
    page.wait_for_text("La page n’a pas pu s’ouvrir").await?;
    whole(page).await?;
    headline(page, HEADLINE).await?;
    whole(page).await?;
    assert_eq!(page.count("#secours").await?, 0);
    Ok(())
}

/// Something breaks before there is a page: the reader has a headline, a sentence and a way on,
/// and nothing that seems to be on its way.
async fn breaks_at_the_start(front: &Front, page: &Page, script: &str) -> Result<(), Trouble> {
    for (path, title) in [(ARTICLE, HEADLINE), (SECTION, "Politique")] {
        well(front);
        front.inject(script);
        page.open(path).await?;
        // Whichever of the two sentences it is: that the page could not open, or has stopped.
        page.wait_for(
            "/n’a pas pu s’ouvrir|n’a pas pu être chargée|s’est arrêtée/.test(document.body.innerText)",
        )
        .await?;
        whole(page).await?;
        let ways = "[...document.querySelectorAll('a[href], button')].some(way => way.checkVisibility() && /Réessayer|rechargez la page/.test(way.textContent))";
        page.wait_for(ways).await?;
        well(front);
        page.reload().await?;
        headline(page, title).await?;
        whole(page).await?;
    }
    Ok(())
}

async fn a_panic_before_the_first_page_says_so(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    // The app takes it at its word that this is a Response.
    let script = "{
        const { fetch } = window;
        window.fetch = (what, ...more) => String(what.url ?? what).includes('/api/') ? Promise.resolve({}) : fetch(what, ...more)
    }";
    breaks_at_the_start(&front, page, script).await?;
    Ok(())
}

async fn an_exception_before_the_first_page_says_so(site: &Site, page: &Page) -> Done {
    let front = front(site, page).await?;
    let script = "Document.prototype.createTextNode = () => { throw new Error('panne') }";
    breaks_at_the_start(&front, page, script).await?;
    Ok(())
}
