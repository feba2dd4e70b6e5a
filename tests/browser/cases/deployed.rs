//! Deployments: below a path, on other hosts, over an older build, with files that are gone or are not
//! what the page says. What a server sends with the files is for edge.rs.

use std::fs;
use std::time::Duration;

use super::faults::headline;
use super::offline::is_kept;
use super::prerendered::{KINDS, awake};
use crate::Trouble;
use crate::case::{Case, Done, case, fault};
use crate::engine::Needs;
use crate::front::{Answer, Front};
use crate::own::Own;
use crate::page::Page;
use crate::site::{BOOT, JS, Site, WASM};

pub const CASES: &[Case] = &[
    case!(lives_below_a_path, PAGES.noisy()),
    case!(lives_behind_caddy, PAGES),
    fault!(
        a_page_of_the_build_before_gets_its_own_app,
        PAGES,
        "a tab of the build before, after a deployment",
        "its own app; the next page is the new build’s"
    ),
    fault!(
        a_page_whose_app_is_gone_loads_itself_once,
        PAGES.noisy().without_worker(),
        "a tab of four builds before: its files are gone",
        "the page, loaded anew once; text size and links work"
    ),
    fault!(
        a_page_whose_wasm_alone_is_gone_stays,
        PAGES.noisy().without_worker(),
        "the wasm is gone",
        "the page, as it is; text size and links work"
    ),
    case!(
        only_the_bytes_that_the_page_names_run,
        PAGES.noisy().without_worker()
    ),
    case!(the_servers_word_keeps_the_app_away, PAGES),
    fault!(
        an_app_that_was_left_on_its_way_comes_on_return,
        PAGES.without_worker(),
        "the page is left while the app is on its way, and come back to",
        "the whole page, and the app"
    ),
    case!(
        an_app_that_broke_off_once_comes,
        PAGES.without_worker().noisy()
    ),
    case!(an_old_address_leads_to_the_new_one, PAGES),
];

const PAGES: Needs = Needs::NOTHING.prerendered();
const ARTICLE: &str = "/politique/le-role-des-regions/";
const HEADLINE: &str = "Le rôle des régions";
const VIDEO: &str = "/culture/l-oud-anatomie-d-un-instrument/";

async fn lives_below_a_path(site: &Site, page: &Page) -> Done {
    let own = Own::below("/le-courrier")?;
    let front = own.front(site).await?;
    page.through(&front);
    for path in KINDS {
        page.open(&format!("/le-courrier{path}")).await?;
        awake(page).await?;
        assert_eq!(page.count("main h1").await?, 1, "{path}");
    }
    // Its pictures, its links, its lists: all below the path.
    page.open("/le-courrier/").await?;
    awake(page).await?;
    page.wait_for("Array.from(document.querySelectorAll('.cards-front img')).slice(0, 1).every(img => img.complete && img.naturalWidth)")
        .await?;
    page.click(".pager a").await?;
    page.wait_for("document.querySelectorAll('.cards-front > li').length > 7")
        .await?;
    page.run(
        "document.querySelector(arguments[0]).click()",
        vec![format!(".card a[href=\"/le-courrier{ARTICLE}\"]").into()],
    )
    .await?;
    headline(page, HEADLINE).await?;
    assert_eq!(page.path().await?, format!("/le-courrier{ARTICLE}"));
    page.back().await?;
    headline(page, "À la une").await?;
    let outside: Vec<_> = front
        .requests("*")
        .into_iter()
        .map(|seen| seen.path)
        .filter(|path| !path.starts_with("/le-courrier/") && path != "/favicon.ico")
        .collect();
    assert_eq!(outside, [""; 0]);
    // An address of nothing has the host's 404, and the app in it.
    page.open("/le-courrier/nulle/part/ailleurs/").await?;
    headline(page, "Page introuvable").await?;
    Ok(())
}

async fn lives_behind_caddy(site: &Site, page: &Page) -> Done {
    let own = Own::behind_caddy()?;
    let front = own.front(site).await?;
    page.through(&front);
    for path in ["/", ARTICLE, VIDEO] {
        page.open(path).await?;
        awake(page)
            .await
            .map_err(|trouble| format!("{trouble}\n{}", own.log()))?;
        assert_eq!(page.count("main h1").await?, 1, "{path}");
    }
    Ok(())
}

/// From now on, pages are told what a reader's request for less data is answered with.
fn saving(front: &Front) {
    front.answer(VIDEO, Answer::pass().header("server-timing", "save-data"));
    front.answer(ARTICLE, Answer::pass().header("server-timing", "save-data"));
}

/// Waits until the start script has run: it calls the worker last. (On the first page: from then on
/// there is a worker.)
async fn listens(page: &Page) -> Result<(), Trouble> {
    page.wait_for(
        "document.querySelector('script[data-app]') && navigator.serviceWorker.getRegistration()",
    )
    .await
}

/// A click on the video, which needs the app.
async fn ask_for_the_video(page: &Page) -> Result<(), Trouble> {
    page.run("document.querySelector('.embed a').click()", vec![])
        .await
        .map(drop)
}

async fn a_page_of_the_build_before_gets_its_own_app(site: &Site, page: &Page) -> Done {
    let own = Own::behind_nginx()?;
    let front = own.front(site).await?;
    saving(&front);
    page.through(&front);
    page.open(VIDEO).await?;
    listens(page).await?;
    assert_eq!(front.count(WASM), 0);
    let old: String = page
        .eval("document.querySelector('script[data-app]').src")
        .await?;
    // A deployment: another start script, so other names on every page.
    let form = own.root().join(".manchette/form.html");
    let start = fs::read_dir(own.root().join("assets"))?
        .filter_map(|entry| Some(entry.ok()?.file_name().to_str()?.to_owned()))
        .find(|name| old.ends_with(name.as_str()))
        .ok_or("the page's start script is not there")?;
    let text = fs::read_to_string(own.root().join("assets").join(&start))? + "\n// newer\n";
    let newer = "boot-0000000000000000.js";
    fs::write(own.root().join("assets").join(newer), &text)?;
    let html = fs::read_to_string(&form)?;
    let (before, rest) = html.split_once(&start).ok_or("the form names its start")?;
    let (_, after) = rest.split_once(" data-app").ok_or("the form has a start")?;
    fs::write(&form, format!("{before}{newer}\" data-app{after}"))?;
    own.prerender(&[])?;
    assert!(site_names(&own, newer)?, "the pages name the new build");
    // The old tab asks for what its own page named.
    ask_for_the_video(page).await?;
    page.wait_for("document.querySelector('.embed iframe')")
        .await?;
    awake(page).await?;
    assert_eq!(front.count("/assets/boot-0000000000000000.js"), 0);
    // The next page is the new build's.
    page.reads("/", "À la une").await?;
    awake(page).await?;
    assert_eq!(front.count("/assets/boot-0000000000000000.js"), 1);
    Ok(())
}

fn site_names(own: &Own, asset: &str) -> Result<bool, Trouble> {
    Ok(fs::read_to_string(own.root().join("index.html"))?.contains(asset))
}

async fn a_page_whose_app_is_gone_loads_itself_once(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    front.answer("/assets/*", Answer::status(404));
    page.through(&front);
    page.reads(ARTICLE, HEADLINE).await?;
    // Twice the script, and twice the look whether it is really gone.
    page.wait_for("sessionStorage.getItem('manchette:gone')")
        .await?;
    front.asked_often(BOOT, 4).await?;
    page.frames().await?;
    page.frames().await?;
    assert_eq!(front.count(ARTICLE), 2, "one visit, one more try");
    headline(page, HEADLINE).await?;
    assert_eq!(page.count(".related .card").await?, 6);
    page.click_the("radio", "Maximale").await?;
    page.wait_for("getComputedStyle(document.documentElement).fontSize === '32px'")
        .await?;
    // And when it is there again, all is as ever.
    front.clear();
    page.open(ARTICLE).await?;
    awake(page).await?;
    Ok(())
}

async fn a_page_whose_wasm_alone_is_gone_stays(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    front.answer(WASM, Answer::status(404));
    page.through(&front);
    page.reads(ARTICLE, HEADLINE).await?;
    front.asked_often(BOOT, 2).await?;
    page.frames().await?;
    assert_eq!(front.count(ARTICLE), 1);
    headline(page, HEADLINE).await?;
    assert_eq!(page.count("#secours").await?, 0);
    Ok(())
}

async fn only_the_bytes_that_the_page_names_run(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    page.through(&front);
    let other = || Answer::script("globalThis.foreign = 1; export default () => {}");
    for (file, answer) in [
        (BOOT, other()),
        (JS, other()),
        (
            WASM,
            Answer::json("\0asm\u{1}\0\0\0").header("content-type", "application/wasm"),
        ),
    ] {
        front.clear();
        front.forget();
        front.asks_again("/assets/*");
        front.answer(file, answer);
        page.open(ARTICLE).await?;
        front.asked(file).await?;
        // What refuses it looks whether it is gone.
        front.asked_often(BOOT, 2).await?;
        page.frames().await?;
        assert!(
            !page.eval::<bool>("'foreign' in globalThis").await?,
            "{file}"
        );
        assert!(
            !page
                .eval::<bool>("document.documentElement.hasAttribute('data-app')")
                .await?,
            "{file}"
        );
        headline(page, HEADLINE).await?;
        assert_eq!(front.count(ARTICLE), 1);
    }
    Ok(())
}

async fn the_servers_word_keeps_the_app_away(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    saving(&front);
    page.through(&front);
    page.open(ARTICLE).await?;
    headline(page, HEADLINE).await?;
    listens(page).await?;
    assert_eq!(front.count(WASM), 0);
    // At another origin, which has no worker yet.
    let front = site.front().await?;
    saving(&front);
    page.through(&front);
    page.open(VIDEO).await?;
    listens(page).await?;
    // The worker has asked for what the page is made of. (The app would be among it, and WebKit may
    // ask for that again.)
    is_kept(page, VIDEO).await?;
    assert_eq!(front.count(WASM), 0);
    // What needs the app brings it.
    ask_for_the_video(page).await?;
    page.wait_for("document.querySelector('.embed iframe')")
        .await?;
    assert_eq!(front.count(WASM), 1);
    Ok(())
}

async fn an_app_that_was_left_on_its_way_comes_on_return(site: &Site, page: &Page) -> Done {
    for file in [JS, WASM] {
        // At another origin each time, of which the browser has nothing yet.
        let front = site.front().await?;
        page.through(&front);
        front.answer(file, Answer::pass().after(Duration::from_secs(3)).times(1));
        page.reads(ARTICLE, HEADLINE).await?;
        front.asked(file).await?;
        page.run("location.href = '/robots.txt'", vec![]).await?;
        page.wait_for("location.pathname === '/robots.txt'").await?;
        page.back().await?;
        headline(page, HEADLINE).await?;
        awake(page).await?;
    }
    Ok(())
}

async fn an_app_that_broke_off_once_comes(site: &Site, page: &Page) -> Done {
    let front = site.front().await?;
    page.through(&front);
    for file in [JS, WASM] {
        front.answer(file, Answer::pass().header("cache-control", "no-store"));
    }
    for file in [JS, WASM] {
        front.forget();
        front.answer(file, Answer::cut(1_000).times(1));
        page.open(ARTICLE).await?;
        awake(page).await?;
        assert!(front.count(file) >= 2, "{file}");
    }
    Ok(())
}

async fn an_old_address_leads_to_the_new_one(site: &Site, page: &Page) -> Done {
    let own = Own::behind_nginx()?;
    fs::write(
        own.root().join("api/redirects.json"),
        format!("{{\"/culture/le-role-des-regions/\": \"{ARTICLE}\"}}"),
    )?;
    own.prerender(&[])?;
    let front = own.front(site).await?;
    page.through(&front);
    page.open("/culture/le-role-des-regions/").await?;
    page.wait_for(&format!("location.pathname === '{ARTICLE}'"))
        .await?;
    headline(page, HEADLINE).await?;
    Ok(())
}
