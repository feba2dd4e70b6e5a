//! Pictures of every kind of page for a person to look at: `make pictures`. Not a test, so not in
//! the list of cases unless `MANCHETTE_PICTURES` names the folder to put them in.

use std::fs;
use std::path::PathBuf;

use crate::Trouble;
use crate::case::{Case, Done, case};
use crate::engine::{Engine, Needs};
use crate::page::Page;
use crate::site::Site;

const ONLY_CHROMIUM: &[(Engine, &str)] = &[
    (Engine::Firefox, "one engine's pictures are enough"),
    (Engine::WebKit, "one engine's pictures are enough"),
];

const CASES: &[Case] = &[
    case!(light, Needs::NOTHING.not_in(ONLY_CHROMIUM)),
    case!(dark, Needs::NOTHING.dark().not_in(ONLY_CHROMIUM)),
    case!(readme, Needs::NOTHING.not_in(ONLY_CHROMIUM)),
    case!(readme_dark, Needs::NOTHING.dark().not_in(ONLY_CHROMIUM)),
];

const PAGES: [(&str, &str); 9] = [
    ("home", "/"),
    ("section", "/politique/"),
    ("archive", "/page/2/"),
    ("article", "/politique/la-loi-de-finances-calendrier/"),
    ("embed", "/culture/l-oud-anatomie-d-un-instrument/"),
    ("bare", "/politique/un-decret-n-est-pas-une-loi/"),
    ("offline", "/hors-ligne/"),
    ("to-read", "/a-lire/"),
    ("not-found", "/nulle/part/ailleurs/"),
];

/// The cases, if pictures are asked for.
pub fn cases() -> &'static [Case] {
    if folder().is_some() { CASES } else { &[] }
}

fn folder() -> Option<PathBuf> {
    std::env::var_os("MANCHETTE_PICTURES").map(PathBuf::from)
}

async fn light(_: &Site, page: &Page) -> Done {
    Ok(take(page, "light").await?)
}

async fn dark(_: &Site, page: &Page) -> Done {
    Ok(take(page, "dark").await?)
}

/// What the README shows.
async fn readme(_: &Site, page: &Page) -> Done {
    one(
        page,
        "/politique/comment-nait-une-loi/",
        (1280, 1000),
        "normale",
        "readme-article",
    )
    .await?;
    one(
        page,
        "/sciences/pourquoi-les-marees/",
        (360, 1000),
        "maximale",
        "readme-phone",
    )
    .await?;
    Ok(())
}

async fn readme_dark(_: &Site, page: &Page) -> Done {
    Ok(one(page, "/", (768, 1000), "normale", "readme-dark").await?)
}

/// One picture, as high as asked.
async fn one(
    page: &Page,
    path: &str,
    (width, height): (u32, u32),
    size: &str,
    name: &str,
) -> Result<(), Trouble> {
    let folder = folder().ok_or("MANCHETTE_PICTURES names no folder")?;
    fs::create_dir_all(&folder)?;
    page.resize(width, height).await?;
    page.open("/").await?;
    page.run(
        &format!("localStorage.setItem('manchette:taille', '{size}')"),
        vec![],
    )
    .await?;
    page.open(path).await?;
    page.wait_for("document.querySelector('main h1')").await?;
    page.wait_for("[...document.images].every(i => i.complete || i.loading === 'lazy')")
        .await?;
    page.frames().await?;
    page.screenshot(&folder.join(name).with_extension("png"))
        .await
}

async fn take(page: &Page, scheme: &str) -> Result<(), Trouble> {
    let folder = folder().ok_or("MANCHETTE_PICTURES names no folder")?;
    fs::create_dir_all(&folder)?;
    for (size, percent) in [("normale", 100), ("maximale", 200)] {
        page.open("/").await?;
        page.run(
            &format!("localStorage.setItem('manchette:taille', '{size}')"),
            vec![],
        )
        .await?;
        for width in [360, 768, 1280] {
            for (name, path) in PAGES {
                page.resize(width, 900).await?;
                page.open(path).await?;
                page.wait_for("document.querySelector('main h1')").await?;
                // As tall as the page, up to what one can still look at, and with its pictures.
                let height: u32 = page
                    .eval("Math.min(document.body.scrollHeight, 4000)")
                    .await?;
                page.resize(width, height).await?;
                page.wait_for(
                    "[...document.images].every(i => i.complete || i.getBoundingClientRect().top > innerHeight)",
                )
                .await?;
                page.frames().await?;
                let file = format!("{name}-{width}-{scheme}-{percent}.png");
                page.screenshot(&folder.join(file)).await?;
            }
        }
    }
    Ok(())
}
