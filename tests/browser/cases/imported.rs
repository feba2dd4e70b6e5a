//! What came from other people's systems: articles of a real WordPress, and of one that means harm.
//! What the importer makes of them is for the native tests; here it is read.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use super::faults::headline;
use super::prerendered::awake;
use crate::Trouble;
use crate::case::{Case, Done, case};
use crate::engine::Needs;
use crate::front::Answer;
use crate::hostile;
use crate::own::Own;
use crate::page::Page;
use crate::site::Site;
use crate::wordpress::WordPress;

pub const CASES: &[Case] = &[
    case!(a_wordpress_reads_as_an_edition, PAGES),
    case!(nothing_hostile_runs_or_asks, PAGES),
];

const PAGES: Needs = Needs::NOTHING.prerendered();

/// A copy of the edition of a WordPress, which is imported once for all engines.
fn imported(to: &Path) -> Result<(), Trouble> {
    static EDITION: Mutex<Option<tempfile::TempDir>> = Mutex::new(None);
    let mut edition = EDITION.lock().unwrap_or_else(PoisonError::into_inner);
    if edition.is_none() {
        let site = WordPress::filled();
        let folder = tempfile::tempdir()?;
        let output = Command::new(env!("CARGO_BIN_EXE_manchette"))
            .args(["import", "wordpress", &site.url, "--media", "--out"])
            .arg(folder.path().join("api"))
            .args(["--sections", "politique,culture,sciences"])
            .output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        *edition = Some(folder);
    }
    let Some(edition) = &*edition else {
        return Err("no edition".into());
    };
    crate::own::copy(&edition.path().join("api"), to)
}

async fn a_wordpress_reads_as_an_edition(site: &Site, page: &Page) -> Done {
    let own = Own::behind_nginx()?;
    let edition = own.root().join(".edition");
    imported(&edition)?;
    own.prerender(&["--api", &edition.display().to_string()])?;
    let front = own.front(site).await?;
    page.through(&front);

    // From its section's front to the article, its cards, and the section's list beside it.
    page.open("/politique/").await?;
    awake(page).await?;
    let card = ".card a[href='/politique/releve-61/']";
    page.run(
        "document.querySelector(arguments[0]).scrollIntoView({ block: 'center', behavior: 'instant' })",
        vec![card.into()],
    )
    .await?;
    page.at_rest().await?;
    page.click(card).await?;
    headline(page, "Relevé n° 61 & ce qu’il dit").await?;
    awake(page).await?;
    let kicker: String = page
        .eval("document.querySelector('.article .kicker').textContent")
        .await?;
    assert_eq!(kicker, "Parlement & lois");
    assert_eq!(
        page.text(".body h2").await?,
        "Ce que l’on mesure",
        "a subhead"
    );
    assert!(page.text(".byline").await?.contains("Omar B’chiri"));
    assert!(
        page.text(".lead figcaption")
            .await?
            .contains("© Atelier des Rives")
    );
    page.wait_for("[...document.querySelectorAll('.lead img, .body figure img')].every(image => image.complete && image.naturalWidth > 0)")
        .await?;
    assert_eq!(page.count(".body figure img").await?, 1);
    assert_eq!(page.count(".related .card").await?, 6);
    page.the("region", "Dernières actualités Politique").await?;
    assert_eq!(page.count(".latest .feed-item").await?, 6);
    let text = page.text("main").await?;
    assert!(!text.contains("alert(") && !text.contains("secret"));
    Ok(())
}

/// Notes what a policy refuses, wherever it is.
const VIOLATIONS: &str = "window.violations = [];
    addEventListener('securitypolicyviolation', event => violations.push(event.violatedDirective + ' ' + event.blockedURI));";

async fn nothing_hostile_runs_or_asks(site: &Site, page: &Page) -> Done {
    let own = Own::behind_nginx()?;
    let edition = own.root().join(".edition");
    fs::create_dir(&edition)?;
    let pages = hostile::write(&edition, Some("/media/regions-800.webp"))?;
    own.prerender(&["--api", &edition.display().to_string()])?;
    let front = own.front(site).await?;
    front.inject(VIOLATIONS);
    // What the worker fetches is not asked for as a page, and so comes without that script.
    front.answer("/sw.js", Answer::script(""));
    page.through(&front);
    let mut names = 0;
    for hostile::Page { slug, names: kinds } in &pages {
        let path = format!("/{}/{slug}/", hostile::SECTION);
        page.open(&path).await?;
        // Awake, too: what is drawn from the page's data is as harmless as what was written.
        awake(page).await?;
        page.run(
            "for (const image of document.images) image.loading = 'eager'",
            vec![],
        )
        .await?;
        page.frames().await?;
        let ran: Vec<String> = page
            .eval("Object.keys(window).filter(name => name.startsWith('__ran_'))")
            .await?;
        assert_eq!(ran, [""; 0], "{path}: {kinds:?}");
        let refused: Vec<String> = page.eval("violations").await?;
        assert_eq!(refused, [""; 0], "{path}: {kinds:?}");
        let asked: Vec<String> = page
            .eval(
                "performance.getEntriesByType('resource').map(({ name }) => name).filter(name => !name.startsWith(location.origin + '/'))",
            )
            .await?;
        assert_eq!(asked, [""; 0], "{path}: {kinds:?}");
        assert_eq!(page.path().await?, path);
        assert_eq!(page.count("main h1").await?, 1, "{path}");
        names += kinds.len();
    }
    assert!(names > 300, "{names} kinds in {} pages", pages.len());
    Ok(())
}
