//! Readers without something that others have, and readers whose browser, extension or network changes
//! the page: each of them reads, chooses a text size where there is CSS, and is led on.

use serde_json::json;

use super::faults::headline;
use super::prerendered::{KINDS, awake};
use crate::Trouble;
use crate::case::{Case, Done, fault};
use crate::engine::Needs;
use crate::front::{Answer, Front};
use crate::page::Page;
use crate::site::{BOOT, JS, Site, WASM};

pub const CASES: &[Case] = &[
    fault!(
        without_javascript,
        PAGES.scripts_off(),
        "JavaScript is off",
        "the whole page; text size and links work"
    ),
    fault!(
        without_web_assembly,
        PAGES.noisy(),
        "WebAssembly is missing (as in iOS Lockdown Mode)",
        "the whole page; text size and links work"
    ),
    fault!(
        without_modules,
        PAGES.noisy(),
        "module scripts are blocked, or not known to the browser",
        "the whole page; text size and links work"
    ),
    fault!(
        without_any_storage,
        PAGES.storage_off(),
        "localStorage, IndexedDB and Cache Storage are refused",
        "the whole page; the text size works and is forgotten"
    ),
    fault!(
        with_every_storage_full,
        PAGES,
        "localStorage, IndexedDB and Cache Storage are full",
        "the whole page; the text size works and is forgotten"
    ),
    fault!(
        with_every_storage_corrupt,
        PAGES,
        "localStorage, IndexedDB and Cache Storage are corrupt",
        "the whole page; text size and links work"
    ),
    fault!(
        without_fetch,
        PAGES.noisy(),
        "`fetch` fails always, or is missing",
        "the whole page; text size and links work"
    ),
    fault!(
        with_a_compilation_that_never_ends,
        PAGES,
        "the browser never ends compiling the app (as Firefox does now and then)",
        "the whole page; the app is compiled again after three seconds"
    ),
    fault!(
        with_a_clock_a_day_fast,
        PAGES,
        "the device's clock is a day fast",
        "the whole page, and all that the app does"
    ),
    fault!(
        with_a_clock_a_day_slow,
        PAGES,
        "the device's clock is a day slow",
        "the whole page, and all that the app does"
    ),
    fault!(
        with_an_extension,
        PAGES,
        "an extension adds to the page before the app wakes up",
        "the whole page, and all that the app does"
    ),
    fault!(
        behind_a_proxy_that_minifies,
        PAGES,
        "a proxy strips comments, white space and quotes from the HTML",
        "the whole page, and all that the app does"
    ),
    fault!(
        behind_a_proxy_that_rewrites,
        PAGES.noisy(),
        "a proxy rewrites inline style, script and data, which the policy then refuses",
        "the whole page, without its looks"
    ),
    fault!(
        back_from_the_browsers_memory,
        PAGES,
        "Back to a page that the browser had frozen whole",
        "the page as it was, in the text size chosen meanwhile"
    ),
    fault!(
        at_400_percent,
        PAGES.size(320, 256),
        "400 % zoom (320 CSS pixels wide)",
        "the whole page in one column, nothing to scroll sideways"
    ),
    fault!(
        translated_by_the_browser,
        PAGES,
        "the browser translates the page, every text in elements of its own",
        "the translation, and all that the app does"
    ),
    fault!(
        rewritten_by_a_translator,
        PAGES,
        "a translator writes the page's HTML anew under the app",
        "the translation; the next page is loaded whole"
    ),
];

const PAGES: Needs = Needs::NOTHING.prerendered();
const ARTICLE: &str = "/politique/le-role-des-regions/";
const HEADLINE: &str = "Le rôle des régions";
const HOME: &str = "À la une";

/// A front, with this script before all others of its pages.
async fn with(site: &Site, page: &Page, script: &str) -> Result<Front, Trouble> {
    let front = site.front().await?;
    front.inject(script);
    page.through(&front);
    Ok(front)
}

/// The article is there, whole.
async fn reads(page: &Page) -> Result<(), Trouble> {
    page.reads(ARTICLE, HEADLINE).await?;
    page.wait_for(
        "document.querySelectorAll('.body p').length > 4
         && document.querySelectorAll('.related .card').length === 6
         && document.querySelectorAll('.latest .feed-item').length === 6
         && document.querySelectorAll('main').length === 1",
    )
    .await
}

/// The greatest size, chosen by the control.
pub async fn enlarges(page: &Page) -> Result<(), Trouble> {
    page.click_the("radio", "Maximale").await?;
    page.wait_for("getComputedStyle(document.documentElement).fontSize === '32px'")
        .await
}

/// To the home page.
async fn goes_home(page: &Page) -> Result<(), Trouble> {
    page.click(".masthead-name a").await?;
    headline(page, HOME).await?;
    page.wait_for("location.pathname === '/' && document.querySelectorAll('.card').length > 6")
        .await
}

/// From the home page to the article. By script: pictures that come may move what a finger is on its
/// way to.
async fn opens_the_article(page: &Page) -> Result<(), Trouble> {
    let card = format!(".card a[href=\"{ARTICLE}\"]");
    page.run(
        "document.querySelector(arguments[0]).click()",
        vec![json!(card)],
    )
    .await?;
    headline(page, HEADLINE).await?;
    page.wait_for(&format!("location.pathname === '{ARTICLE}'"))
        .await
}

async fn leads_on(page: &Page) -> Result<(), Trouble> {
    goes_home(page).await?;
    opens_the_article(page).await
}

/// The same, with an app on each of the pages.
async fn leads_on_with_the_app(page: &Page) -> Result<(), Trouble> {
    goes_home(page).await?;
    awake(page).await?;
    opens_the_article(page).await?;
    awake(page).await
}

async fn all_of_it(page: &Page) -> Result<(), Trouble> {
    reads(page).await?;
    enlarges(page).await?;
    leads_on(page).await
}

/// The same where the app has woken up, and then what only the app does: the list grows in place.
async fn all_of_it_with_the_app(page: &Page) -> Result<(), Trouble> {
    reads(page).await?;
    awake(page).await?;
    reads(page).await?;
    awake(page).await?;
    enlarges(page).await?;
    leads_on_with_the_app(page).await?;
    page.click(".masthead-name a").await?;
    headline(page, HOME).await?;
    awake(page).await?;
    grows(page).await
}

/// “Charger plus”, without another address.
async fn grows(page: &Page) -> Result<(), Trouble> {
    page.run("document.querySelector('.pager a').click()", vec![])
        .await?;
    page.wait_for(
        "location.pathname === '/' && document.querySelectorAll('.cards-front > li').length > 7",
    )
    .await
}

async fn without_javascript(_: &Site, page: &Page) -> Done {
    all_of_it(page).await?;
    Ok(())
}

async fn without_web_assembly(site: &Site, page: &Page) -> Done {
    let front = with(site, page, "delete window.WebAssembly").await?;
    all_of_it(page).await?;
    front.asked(BOOT).await?;
    Ok(())
}

async fn without_modules(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    page.through(&front);
    front.html(|page| page.replace("type=\"module\"", "type=\"text/what-is-this\""));
    all_of_it(page).await?;
    assert_eq!(front.count(WASM), 0);
    for blocked in [BOOT, JS] {
        front.clear();
        front.asks_again("/assets/*");
        front.answer(blocked, Answer::drop_connection());
        all_of_it(page).await?;
    }
    Ok(())
}

async fn without_any_storage(site: &Site, page: &Page) -> Done {
    let refuse = "for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches']) {
        Object.defineProperty(window, name, { get() { throw new DOMException('refusé', 'SecurityError') } });
    }";
    let front = site.front().await?;
    page.through(&front);
    // As the browser itself refuses, and as it does in a sandbox: with an exception from all of them.
    for script in ["", refuse] {
        front.inject(script);
        all_of_it_with_the_app(page).await?;
    }
    Ok(())
}

async fn with_every_storage_full(site: &Site, page: &Page) -> Done {
    let full = "const full = () => { throw new DOMException('plein', 'QuotaExceededError') };
        const reject = async () => full();
        Storage.prototype.setItem = full;
        IDBFactory.prototype.open = full;
        if (window.CacheStorage) Object.assign(CacheStorage.prototype, { open: reject });
        if (window.Cache) Object.assign(Cache.prototype, { put: reject, add: reject, addAll: reject });";
    let _front = with(site, page, full).await?;
    all_of_it_with_the_app(page).await?;
    Ok(())
}

async fn with_every_storage_corrupt(site: &Site, page: &Page) -> Done {
    let corrupt = "const rubbish = '\\u{1F4A5}\\u0000-5 NaN'.repeat(100);
        for (const storage of [localStorage, sessionStorage]) {
            for (const key of ['manchette:taille', 'manchette:gone', `manchette:place:${location.pathname}`, ...Object.keys(storage)]) {
                storage.setItem(key, rubbish);
            }
        }
        const broken = async () => { throw new DOMException('abîmé', 'UnknownError') };
        IDBFactory.prototype.open = () => { throw new DOMException('abîmé', 'UnknownError') };
        if (window.CacheStorage) Object.assign(CacheStorage.prototype, { open: broken, match: broken, has: broken, keys: broken });";
    let _front = with(site, page, corrupt).await?;
    all_of_it_with_the_app(page).await?;
    Ok(())
}

async fn without_fetch(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    page.through(&front);
    for script in [
        "window.fetch = () => Promise.reject(new TypeError('Failed to fetch'))",
        "window.fetch = () => { throw new TypeError('not here') }",
        "delete window.fetch",
    ] {
        front.inject(script);
        all_of_it(page).await?;
    }
    Ok(())
}

async fn with_a_compilation_that_never_ends(site: &Site, page: &Page) -> Done {
    let never = "const { compile } = WebAssembly
        WebAssembly.compile = () => {
            WebAssembly.compile = compile
            return new Promise(() => {})
        }";
    let _front = with(site, page, never).await?;
    reads(page).await?;
    awake(page).await?;
    Ok(())
}

async fn with_a_clock_a_day_fast(site: &Site, page: &Page) -> Done {
    with_a_clock(site, page, 86_400_000).await?;
    Ok(())
}

async fn with_a_clock_a_day_slow(site: &Site, page: &Page) -> Done {
    with_a_clock(site, page, -86_400_000).await?;
    Ok(())
}

/// The clock so many milliseconds off, and a server that names the time when it wants to be asked
/// again by its own.
async fn with_a_clock(site: &Site, page: &Page, off: i64) -> Result<(), Trouble> {
    let script = format!(
        "const Clock = Date;
         window.Date = class extends Clock {{
             constructor(...parts) {{ parts.length ? super(...parts) : super(Clock.now() + ({off})) }}
             static now() {{ return Clock.now() + ({off}) }}
         }};"
    );
    let front = with(site, page, &script).await?;
    all_of_it_with_the_app(page).await?;
    if !page.eval::<bool>("'navigation' in window").await? {
        return Ok(()); // a link asks for no document here
    }
    let document = "/api/articles/qu-est-ce-qu-une-motion.json";
    let busy = Answer::status(503)
        .header("date", "Thu, 26 Nov 2026 09:00:00 GMT")
        .header("retry-after", "Thu, 26 Nov 2026 09:00:02 GMT");
    front.answer(document, busy.times(1));
    page.run(
        "document.querySelector(arguments[0]).click()",
        vec![json!(
            ".card a[href=\"/politique/qu-est-ce-qu-une-motion/\"]"
        )],
    )
    .await?;
    headline(page, "Qu’est-ce qu’une motion ?").await?;
    let asked = front.requests(document);
    let waited = asked[1].at - asked[0].at;
    if asked.len() != 2 || waited.as_millis() < 1_990 {
        return Err(format!("{} requests, the second after {waited:?}", asked.len()).into());
    }
    Ok(())
}

/// What extensions do, each in its own way, as soon as the page is parsed.
const EXTENSIONS: [&str; 6] = [
    // Around the page: a toolbar, a frame, dark colours, what a spelling checker notes.
    "document.documentElement.setAttribute('data-darkreader-mode', 'dynamic');
     document.documentElement.classList.add('ext');
     document.body.setAttribute('data-gr-ext-installed', '');
     document.body.prepend(div('toolbar'));
     document.body.append(document.createElement('iframe'), div('end'))",
    "app.prepend(div('first'))",
    "app.append(div('last'), document.createComment('ext'))",
    // Words of the text in elements of their own, as dictionaries do.
    "for (const p of app.querySelectorAll('p')) {
         const span = document.createElement('span');
         const text = p.firstChild;
         if (text?.nodeType === 3) { text.replaceWith(span); span.append(text) }
     }",
    // An ad blocker that takes a part of ours for something else, and one that sets attributes.
    "app.querySelector('.related').remove();
     for (const element of app.querySelectorAll('*')) element.setAttribute('data-seen', '1')",
    "const [h1] = app.querySelectorAll('h1');
     h1.firstChild.splitText(3);
     h1.append(document.createComment('ext'));
     app.querySelector('main').after(div('aside'))",
];

async fn with_an_extension(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    page.through(&front);
    for script in EXTENSIONS {
        front.inject(&format!(
            "document.addEventListener('readystatechange', () => {{
                 if (document.readyState !== 'interactive' || location.pathname !== '{ARTICLE}') return;
                 const app = document.querySelector('#app');
                 const div = name => Object.assign(document.createElement('div'), {{ className: name, textContent: 'ext' }});
                 {script}
             }})"
        ));
        let try_it = async {
            page.reads(ARTICLE, HEADLINE).await?;
            awake(page).await?;
            reads(page).await?;
            awake(page).await?;
            page.wait_for("document.querySelectorAll('.related .card').length === 6")
                .await?;
            leads_on_with_the_app(page).await
        };
        try_it
            .await
            .map_err(|trouble: Trouble| format!("{script}: {trouble}"))?;
    }
    enlarges(page).await?;
    Ok(())
}

/// What is outside scripts and styles, changed.
fn outside(html: &str, change: impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some(start) = rest
        .find("<script")
        .into_iter()
        .chain(rest.find("<style"))
        .min()
    {
        let (before, raw) = rest.split_at(start);
        let end = if raw.starts_with("<script") {
            "</script>"
        } else {
            "</style>"
        };
        let end = raw.find(end).map_or(raw.len(), |at| at + end.len());
        out += &change(before);
        out += &raw[..end];
        rest = &raw[end..];
    }
    out + &change(rest)
}

fn without_comments(html: &str) -> String {
    let mut parts = html.split("<!--");
    let first = parts.next().unwrap_or_default().to_owned();
    first
        + &parts
            .map(|part| part.split_once("-->").map_or("", |(_, rest)| rest))
            .collect::<String>()
}

/// White space as one space, none between tags, no end tags that may be left out.
fn squeezed(html: &str) -> String {
    let words = html.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = words
        .replace("> <", "><")
        .replace("</p>", "")
        .replace("</li>", "");
    // Quotes that need not be there.
    let mut pieces = words.split('"');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    while let Some(value) = pieces.next() {
        let after = pieces.next();
        let bare = !value.is_empty()
            && out.ends_with('=')
            && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && after.is_some();
        let quote = if bare { "" } else { "\"" };
        let closing = if after.is_some() { quote } else { "" };
        out += &[quote, value, closing, after.unwrap_or_default()].concat();
    }
    out
}

async fn behind_a_proxy_that_minifies(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    page.through(&front);
    for change in [without_comments, |html: &str| {
        squeezed(&without_comments(html))
    }] {
        front.html(move |html| outside(&html, change));
        all_of_it_with_the_app(page).await?;
    }
    Ok(())
}

async fn behind_a_proxy_that_rewrites(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    page.through(&front);
    // Style and script are not what the policy allows any more, and the data is cut short.
    front.html(|html| {
        let html = html
            .replace("<style>", "<style>/* optimised */")
            .replace("<script>", "<script>/* optimised */");
        html.replace("{\"site\":", "{\"sit\":")
    });
    reads(page).await?;
    leads_on(page).await?;
    page.wait_for("getComputedStyle(document.documentElement).fontSize === '16px'")
        .await?;
    Ok(())
}

async fn back_from_the_browsers_memory(_: &Site, page: &Page) -> Done {
    reads(page).await?;
    awake(page).await?;
    page.run(
        "window.mark = 1;
         addEventListener('pageshow', event => { window.frozen = event.persisted })",
        vec![],
    )
    .await?;
    page.scroll_to(400.0).await?;
    // Another page of the same site, loaded whole.
    page.open("/culture/").await?;
    headline(page, "Culture").await?;
    page.run(
        "localStorage.setItem('manchette:taille', 'tres-grande')",
        vec![],
    )
    .await?;
    page.back().await?;
    headline(page, HEADLINE).await?;
    page.wait_for("document.documentElement.dataset.taille === 'tres-grande'")
        .await?;
    assert!(
        page.eval::<bool>("window.frozen === true && window.mark === 1")
            .await?,
        "not frozen"
    );
    leads_on_with_the_app(page).await?;
    Ok(())
}

async fn at_400_percent(_: &Site, page: &Page) -> Done {
    reads(page).await?;
    awake(page).await?;
    // By script: at twice the text size a card is higher than the window, and WebKit's driver does not
    // click on what it cannot have in view.
    enlarges_by_script(page).await?;
    page.run("document.querySelector('.masthead-name a').click()", vec![])
        .await?;
    headline(page, HOME).await?;
    awake(page).await?;
    grows(page).await?;
    for path in KINDS {
        page.open(path).await?;
        page.wait_for(&format!("location.pathname === '{path}'"))
            .await?;
        awake(page).await?;
        let wide: [i32; 2] = page
            .eval("[document.documentElement.scrollWidth, innerWidth]")
            .await?;
        assert!(wide[0] <= wide[1], "{path}: {wide:?}");
    }
    Ok(())
}

/// As browsers translate: every text becomes another one in two elements, then and later.
const TRANSLATION: &str = "
    document.documentElement.classList.add('translated-ltr');
    document.documentElement.lang = 'en';
    const done = new WeakSet();
    const translate = root => {
        const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
        const texts = [];
        while (walker.nextNode()) texts.push(walker.currentNode);
        for (const text of texts) {
            if (!text.data.trim() || done.has(text) || text.parentNode?.closest('script, style, template')) continue;
            const outer = document.createElement('font'), inner = document.createElement('font');
            text.replaceWith(outer);
            outer.append(inner);
            inner.textContent = text.data.toUpperCase();
            done.add(inner.firstChild);
        }
    };
    translate(document.body);
    new MutationObserver(records => {
        for (const { addedNodes } of records) for (const node of addedNodes) {
            if (node.isConnected && !done.has(node)) translate(node.nodeType === 3 ? node.parentNode : node);
        }
    }).observe(document.body, { childList: true, subtree: true })";

/// The headline in the other language.
async fn translated(page: &Page, text: &str) -> Result<(), Trouble> {
    headline(page, &text.to_uppercase()).await
}

async fn translated_by_the_browser(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    page.through(&front);
    page.reads("/", HOME).await?;
    awake(page).await?;
    let in_the_app: bool = page.eval("'navigation' in window").await?;
    page.run("window.mark = 1", vec![]).await?;
    page.run(TRANSLATION, vec![]).await?;
    translated(page, HOME).await?;
    grows(page).await?;
    // Newer items, which are looked for when the reader comes back to the tab.
    let feed = site.get("/api/feeds/latest.json").await?.body;
    let mut feed: serde_json::Value = serde_json::from_str(&feed)?;
    if let Some(items) = feed["items"].as_array_mut() {
        items.insert(
            0,
            json!({ "id": "neuve", "title": "Une nouvelle", "url": "https://example.com/" }),
        );
    }
    front.answer("/api/feeds/latest.json", Answer::json(feed.to_string()));
    page.run(
        "const back = () => document.querySelector('.fresh button') ? 0
             : (document.dispatchEvent(new Event('visibilitychange')), setTimeout(back, 500));
         back()",
        vec![],
    )
    .await?;
    page.wait_for("document.querySelector('.fresh button')")
        .await?;
    page.run("document.querySelector('.fresh button').click()", vec![])
        .await?;
    page.wait_for("document.querySelector('.cards-front .card').textContent.toUpperCase().includes('UNE NOUVELLE')")
        .await?;
    page.click(&format!(".card a[href=\"{ARTICLE}\"]")).await?;
    if in_the_app {
        translated(page, HEADLINE).await?;
        enlarges_by_script(page).await?;
        page.back().await?;
        translated(page, HOME).await?;
        page.forward().await?;
        translated(page, HEADLINE).await?;
        assert!(page.eval::<bool>("window.mark === 1").await?, "loaded anew");
        page.wait_for("document.querySelectorAll('.latest .feed-item').length === 6")
            .await?;
    } else {
        headline(page, HEADLINE).await?;
    }
    assert!(
        page.eval::<bool>("document.querySelector('#panne').hidden")
            .await?
    );
    Ok(())
}

async fn enlarges_by_script(page: &Page) -> Result<(), Trouble> {
    page.run(
        "document.querySelector('input[value=maximale]').click()",
        vec![],
    )
    .await?;
    page.wait_for("getComputedStyle(document.documentElement).fontSize === '32px'")
        .await
}

/// Nodes in the place of nodes. (Translators live in a world of their own, where they may write
/// `innerHTML`; a test's script lives in the page's, which asks for Trusted Types.)
async fn rewritten_by_a_translator(_: &Site, page: &Page) -> Done {
    for rewrite in [
        "for (const block of document.querySelectorAll('main, main h1, main p, header, footer')) block.replaceChildren(...block.cloneNode(true).childNodes)",
        "document.querySelector('#app').replaceChildren(...document.querySelector('#app').cloneNode(true).childNodes)",
        "document.querySelector('main').replaceWith(document.querySelector('main').cloneNode(true))",
    ] {
        let try_it = async {
            page.reads("/", HOME).await?;
            awake(page).await?;
            page.run(rewrite, vec![]).await?;
            headline(page, HOME).await?;
            // By script: the pictures come anew, and move what a finger is on its way to.
            let card = format!(".card a[href=\"{ARTICLE}\"]");
            page.run(
                "document.querySelector(arguments[0]).click()",
                vec![json!(card)],
            )
            .await?;
            headline(page, HEADLINE).await?;
            page.wait_for(&format!("location.pathname === '{ARTICLE}'"))
                .await?;
            awake(page).await?;
            // And here all is as ever.
            leads_on_with_the_app(page).await?;
            page.click(".masthead-name a").await?;
            headline(page, HOME).await?;
            awake(page).await?;
            page.run(rewrite, vec![]).await?;
            page.run("document.querySelector('.pager a').click()", vec![])
                .await?;
            page.wait_for("document.readyState === 'complete' && document.querySelectorAll('.card').length >= 5").await?;
            page.wait_for("document.querySelector('#panne').hidden")
                .await
        };
        try_it
            .await
            .map_err(|trouble: Trouble| format!("{rewrite}: {trouble}"))?;
    }
    Ok(())
}
