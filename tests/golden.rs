//! Every kind of page as HTML, against the files in tests/golden/. `MANCHETTE_GOLDEN=write cargo
//! test --test golden` writes them anew; the difference is then in the diff, for a person to read.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use manchette::content::{Article, Feed, Field, Href, Site, Slug, Trouble, decode};
use manchette::press::html;
use manchette::route::{self, Front, Route};
use manchette::view::{List, More, Page, Screen};

fn repo() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn document<T>(path: &str, read: fn(&Field) -> Option<T>) -> T {
    let bytes = fs::read(repo().join("public/api").join(path)).expect(path);
    decode(&bytes, read).value.expect(path)
}

fn screen(path: &str, page: Page) -> Screen {
    let site = Arc::new(document(route::SITE, Site::read));
    Screen::new(Route::parse(path), site, page)
}

fn article(path: &str) -> (Screen, List) {
    let route = Route::parse(path).expect("a page of the edition");
    let article = document(&route.document(), Article::read);
    let section = route.section().expect("a section").clone();
    let feed = document(&Front::Section(section).feed(), Feed::read);
    let screen = screen(path, Page::Article(Arc::new(article)));
    (screen, List::of(feed))
}

fn front(path: &str) -> (Screen, List) {
    let route = Route::parse(path).expect("a page of the edition");
    let list = List::of(document(&route.document(), Feed::read));
    (screen(path, Page::Front), list)
}

/// One element a line, so that a difference shows where it is.
fn spread(html: &str) -> String {
    html.replace("><", ">\n<") + "\n"
}

fn check(name: &str, (screen, list): (Screen, List)) {
    let file: PathBuf = repo()
        .join("tests/golden")
        .join(name)
        .with_extension("html");
    let is = spread(&html(screen, list));
    if std::env::var_os("MANCHETTE_GOLDEN").is_some() {
        fs::write(&file, &is).expect("tests/golden can be written");
    }
    let wanted = fs::read_to_string(&file).unwrap_or_default();
    for (line, (is, wanted)) in is.lines().zip(wanted.lines()).enumerate() {
        assert_eq!(is, wanted, "{}:{}", file.display(), line + 1);
    }
    assert_eq!(
        is.lines().count(),
        wanted.lines().count(),
        "{}",
        file.display()
    );
}

#[test]
fn home() {
    check("home", front("/"));
}

#[test]
fn section() {
    check("section", front("/politique/"));
}

#[test]
fn archive_page() {
    check("archive", front("/page/2/"));
}

#[test]
fn long_article() {
    check(
        "article",
        article("/politique/la-loi-de-finances-calendrier/"),
    );
}

#[test]
fn article_with_an_embed() {
    check("embed", article("/culture/l-oud-anatomie-d-un-instrument/"));
}

#[test]
fn article_that_lacks_what_may_be_lacking() {
    check("bare", article("/politique/un-decret-n-est-pas-une-loi/"));
}

#[test]
fn article_that_is_written_from_the_right() {
    let path = "/politique/un-decret-n-est-pas-une-loi/";
    let mut article: Article = document(
        &Route::parse(path)
            .expect("a page of the edition")
            .document(),
        Article::read,
    );
    article.in_language = Some("ar-MA".to_owned());
    let page = html(
        screen(path, Page::Article(Arc::new(article))),
        List::default(),
    );
    assert!(page.contains("<article class=\"article\" lang=\"ar-MA\" dir=\"rtl\">"));
}

#[test]
fn article_whose_list_did_not_come() {
    let (screen, _) = article("/politique/un-decret-n-est-pas-une-loi/");
    check("list-trouble", (screen, List::failed(Trouble::Network)));
}

#[test]
fn list_with_new_items_and_a_failed_pager() {
    let (screen, mut list) = front("/");
    list.fresh = list.items[..2].to_vec();
    list.more = More::Failed(Trouble::Status(503));
    list.items.truncate(2);
    check("fresh", (screen, list));
}

#[test]
fn what_is_kept() {
    for (name, path) in [("to-read", "/a-lire/"), ("offline", "/hors-ligne/")] {
        check(name, (screen(path, Page::Shelf), List::default()));
    }
}

#[test]
fn not_found() {
    check(
        "not-found",
        (
            screen("/nulle/part/ailleurs/", Page::NotFound),
            List::default(),
        ),
    );
}

#[test]
fn trouble() {
    for (name, trouble) in [
        ("trouble-network", Trouble::Network),
        ("trouble-timeout", Trouble::Timeout),
        ("trouble-status", Trouble::Status(503)),
        ("trouble-shape", Trouble::Shape("slug: missing".into())),
    ] {
        let page = Page::Trouble(trouble);
        check(name, (screen("/politique/a/", page), List::default()));
    }
}

#[test]
fn empty_front_of_an_edition_that_says_little() {
    let section = Front::Section(Slug::parse("politique").expect("a slug"));
    let site = Arc::new(Site::unknown());
    let screen = Screen::new(Some(Route::Front(section)), site, Page::Front);
    check("empty", (screen, List::default()));
}

#[test]
fn titles_and_canonical_addresses() {
    let titled = |(screen, _): (Screen, List)| (screen.title(), screen.canonical());
    let name = "Le Courrier des Deux Rives";
    let at = |path: &str| Some(format!("https://example.org{path}"));
    assert_eq!(titled(front("/")), (name.to_owned(), at("/")));
    assert_eq!(
        titled(front("/politique/")),
        (format!("Politique | {name}"), at("/politique/"))
    );
    assert_eq!(
        titled(front("/page/2/")),
        (
            format!("À la une, archives, page 2 | {name}"),
            at("/page/2/")
        )
    );
    let path = "/politique/le-role-des-regions/";
    assert_eq!(
        titled(article(path)),
        (format!("Le rôle des régions | {name}"), at(path))
    );
    let lost = screen("/x/y/z/", Page::NotFound);
    assert_eq!(
        (lost.title(), lost.canonical()),
        (format!("Page introuvable | {name}"), None)
    );
}

#[test]
fn nothing_in_the_data_becomes_markup() {
    let hostile = r#"<img src=x onerror=alert(1)>"'&"#;
    let json = serde_json::json!({
        "slug": "a", "headline": hostile, "description": hostile, "kicker": hostile,
        "author": [{ "name": hostile }], "keywords": [hostile],
        "image": { "url": format!("/m.webp?{hostile}"), "alt": hostile, "caption": hostile, "creditText": hostile },
        "body": { "type": "root", "children": [
            { "type": "paragraph", "children": [
                { "type": "text", "value": hostile }, { "type": "inlineCode", "value": hostile },
                { "type": "link", "url": format!("https://example.com/?{hostile}"),
                  "children": [{ "type": "text", "value": hostile }] }
            ] },
            { "type": "code", "value": hostile },
            { "type": "seeAlso", "url": "/x/", "title": hostile },
            { "type": "embed", "provider": hostile, "url": "https://example.com/", "title": hostile }
        ] },
        "related": [{ "id": hostile, "title": hostile, "summary": hostile }]
    });
    let article = decode(json.to_string().as_bytes(), Article::read)
        .value
        .expect("shown");
    let mut screen = screen("/politique/a/", Page::Article(Arc::new(article)));
    let mut site = Site::unknown();
    site.name = hostile.to_owned();
    site.url = Href::parse("https://example.org/");
    screen.site = Arc::new(site);
    let html = html(screen, List::default());
    assert!(!html.contains("<img src=x"), "{html}");
    assert_eq!(html.matches("<img").count(), 1);
    assert_eq!(
        html.matches("onerror=").count(),
        html.matches("&lt;img src=x onerror=").count()
    );
}
