//! The whole site as files: what is written, what is left alone, what is taken away, and what
//! happens to an edition with faults.

mod built;
mod files;

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use files::{Files, differences, files};
use manchette::content::{Article, Carried, Feed, decode};
use manchette::press::http::Manners;
use manchette::press::{Counts, Options, Summary, check, mirror, prerender};
use serde_json::{Value, json};

fn repo() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A built app, and a copy of the sample edition beside it.
struct Site(tempfile::TempDir);

impl Site {
    fn new() -> Self {
        let site = Self(tempfile::tempdir().expect("a folder"));
        fs::create_dir(site.path("")).expect("dist");
        built::built(&site.path(""));
        copy(&repo().join("public/api"), &site.edition(""));
        // The sample edition has its authors' lists; without them they are gathered like the others.
        fs::remove_dir_all(site.edition("feeds/auteur")).expect("the authors' lists");
        site
    }

    /// A file of the edition.
    fn edition(&self, file: &str) -> PathBuf {
        self.0.path().join("edition").join(file)
    }

    /// The text of a file of the edition.
    fn document(&self, file: &str) -> String {
        fs::read_to_string(self.edition(file)).expect(file)
    }

    /// Writes a file of the edition.
    fn edit(&self, file: &str, text: &str) {
        fs::write(self.edition(file), text).expect(file);
    }

    /// Changes a document of the edition.
    fn change(&self, file: &str, change: impl FnOnce(&mut Value)) {
        let mut value = serde_json::from_str(&self.document(file)).expect(file);
        change(&mut value);
        self.edit(file, &value.to_string());
    }

    /// A file of the site.
    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join("dist").join(file)
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).expect(file)
    }

    fn options(&self) -> Options {
        Options {
            api: Some(self.edition("")),
            ..Options::new(self.path(""))
        }
    }

    fn prerender(&self) -> Summary {
        prerender(&self.options()).expect("a site")
    }

    /// Every file of the site that a reader can be given, by its path in the site, with its bytes.
    fn files(&self) -> Files {
        files(&self.path(""))
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let to = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).expect("a copy");
        }
    }
}

/// Pages and other files that were written, unchanged and removed.
fn counts(summary: &Summary) -> [u64; 3] {
    let sum = |of: fn(&Counts) -> &std::sync::atomic::AtomicU64| {
        [&summary.pages, &summary.others]
            .map(|c| of(c).load(Ordering::Relaxed))
            .iter()
            .sum()
    };
    [
        sum(|c| &c.written),
        sum(|c| &c.unchanged),
        sum(|c| &c.removed),
    ]
}

fn faults(summary: &Summary) -> Vec<String> {
    summary.faults.iter().map(ToString::to_string).collect()
}

#[track_caller]
fn names_fault(summary: &Summary, wanted: &str) {
    let faults = faults(summary);
    assert!(
        faults.iter().any(|fault| fault.starts_with(wanted)),
        "{wanted} in {faults:?}"
    );
}

/// What stands between two marks, the first time.
fn between<'a>(text: &'a str, open: &str, close: &str) -> &'a str {
    let (_, rest) = text.split_once(open).expect(open);
    rest.split_once(close).expect(close).0
}

const ARTICLE: &str = "politique/le-role-des-regions/index.html";
const ARTICLE_JSON: &str = "articles/le-role-des-regions.json";

#[test]
fn every_article_and_every_list_has_a_page() {
    let site = Site::new();
    let summary = site.prerender();
    assert!(summary.faults.is_empty(), "{:?}", summary.faults);
    for entry in fs::read_dir(repo().join("public/api/articles")).expect("articles") {
        let bytes = fs::read(entry.expect("an entry").path()).expect("an article");
        let article = decode(&bytes, Article::read).value.expect("an article");
        let section = article.article_section.expect("a section");
        let page = site.read(&format!("{section}/{}/index.html", article.slug));
        assert_eq!(page.matches("<h1").count(), 1);
    }
    for file in [
        "index.html",
        "404.html",
        "page/1/index.html",
        "politique/index.html",
        "politique/page/1/index.html",
        "auteur/la-redaction/index.html",
        "mot-cle/institutions/index.html",
        "rss.xml",
        "politique/rss.xml",
        "sitemap.xml",
        "sitemap-1.xml",
        "sitemap-news.xml",
        "robots.txt",
    ] {
        assert!(site.path(file).is_file(), "{file}");
    }
    // The lists that were gathered are as the contract has them.
    let report = check(&site.path("api")).expect("an edition");
    assert!(report.faults.is_empty(), "{:?}", report.faults);
}

#[test]
fn a_page_carries_what_it_was_made_of() {
    let site = Site::new();
    site.prerender();
    let page = site.read(ARTICLE);
    let block = between(
        &page,
        "<script type=\"application/json\" id=\"documents\">",
        "</script>",
    );
    assert!(!block.contains('<'));
    let carried = decode(block.as_bytes(), Carried::read);
    assert!(carried.faults.is_empty(), "{:?}", carried.faults);
    let carried = carried.value.expect("documents");
    assert_eq!(carried.path, "/politique/le-role-des-regions/");
    let bytes = fs::read(site.edition(ARTICLE_JSON)).expect("the article");
    let article = decode(&bytes, Article::read).value.expect("the article");
    assert_eq!(carried.article, Some(article));
    assert_eq!(carried.feed.expect("the section's list").items.len(), 7);
}

#[test]
fn a_page_says_what_it_is_to_machines() {
    let site = Site::new();
    site.prerender();
    let page = site.read(ARTICLE);
    for line in [
        "<title>Le rôle des régions | Le Courrier des Deux Rives</title>",
        "<link rel=\"canonical\" href=\"https://example.org/politique/le-role-des-regions/\">",
        "<meta property=\"og:type\" content=\"article\">",
        "<meta property=\"og:image\" content=\"https://example.org/media/regions-1200.webp\">",
        "<meta property=\"og:image:width\" content=\"1200\">",
        "<meta property=\"article:published_time\" content=\"2026-11-20T09:30:00+01:00\">",
        "<meta name=\"twitter:card\" content=\"summary_large_image\">",
    ] {
        assert_eq!(page.matches(line).count(), 1, "{line}");
    }
    assert_eq!(page.matches("<title>").count(), 1);
    assert_eq!(page.matches("name=\"description\"").count(), 1);
    let data: Value = serde_json::from_str(between(&page, "application/ld+json\">", "</script>"))
        .expect("JSON-LD");
    let article = &data["@graph"][0];
    assert_eq!(article["@type"], "NewsArticle");
    assert_eq!(article["headline"], "Le rôle des régions");
    assert_eq!(
        article["author"][1]["url"],
        "https://example.org/auteur/la-redaction/"
    );
    assert_eq!(article["author"][1]["@type"], "Organization");
    assert_eq!(article["image"]["width"], 1200);
    assert_eq!(data["@graph"][1]["itemListElement"][2]["position"], 3);
    let home = site.read("index.html");
    assert!(home.contains("<a class=\"button\" rel=\"next\" href=\"/page/5/\">"));
    assert!(home.contains("type=\"application/rss+xml\""));
    // Without a picture of its own a page is previewed with the edition's sign.
    for line in [
        "<meta property=\"og:image\" content=\"https://example.org/icon-512.png\">",
        "<meta property=\"og:image:width\" content=\"512\">",
        "<meta property=\"og:image:alt\" content=\"Le Courrier des Deux Rives\">",
        "<meta name=\"twitter:card\" content=\"summary\">",
    ] {
        assert_eq!(home.matches(line).count(), 1, "{line}");
    }
}

#[test]
fn a_second_run_writes_nothing() {
    let site = Site::new();
    let [written, ..] = counts(&site.prerender());
    let before = site.files();
    assert_eq!(counts(&site.prerender()), [0, written, 0]);
    assert_eq!(site.files(), before);
}

#[test]
fn a_changed_article_changes_its_page_and_what_shows_it_and_no_more() {
    let site = Site::new();
    site.prerender();
    let changed = site
        .document(ARTICLE_JSON)
        .replace("Le rôle des régions", "Ce que font les régions");
    site.edit(ARTICLE_JSON, &changed);
    let before = site.files();
    let summary = site.prerender();
    let differ = differences(&before, &site.files());
    assert!(differ.contains(ARTICLE));
    assert!(differ.contains("api/articles/le-role-des-regions.json"));
    assert!(differ.contains("mot-cle/institutions/index.html"));
    for file in &differ {
        let lists = [
            "auteur/",
            "mot-cle/",
            "api/feeds/auteur/",
            "api/feeds/mot-cle/",
            "api/articles/le-role",
        ];
        let expected = file == ARTICLE || lists.iter().any(|folder| file.starts_with(folder));
        assert!(expected, "{file} has nothing to do with it");
    }
    let [written, ..] = counts(&summary);
    assert_eq!(usize::try_from(written), Ok(differ.len()), "{differ:?}");
}

#[test]
fn a_changed_list_changes_the_pages_that_it_stands_beside_where_they_are_new_or_show_what_changed()
{
    let site = Site::new();
    site.prerender();
    // As an edition grows: the oldest article of the section has long left the newest list.
    let old = "politique/qu-est-ce-qu-une-motion/index.html";
    let old_slug = "qu-est-ce-qu-une-motion";
    assert!(site.path(old).is_file());
    let list = "feeds/politique.json";
    let without = |feed: &mut Value, slug: &str| {
        let items = feed["items"].as_array_mut().expect("items");
        items.retain(|item| item["_manchette"]["slug"] != slug);
    };
    site.change(list, |feed| without(feed, old_slug));
    site.prerender();
    let before = site.files();
    // A newer article at the head of the list.
    site.change(list, |feed| {
        let items = feed["items"].as_array_mut().expect("items");
        items.insert(0, json!({ "id": "neuf", "url": "https://example.org/politique/neuf/", "title": "Tout neuf" }));
    });
    site.prerender();
    let differ = differences(&before, &site.files());
    assert!(differ.contains("politique/index.html"));
    assert!(differ.contains("politique/rss.xml"));
    assert!(
        differ.contains(ARTICLE),
        "it is among the newest: {differ:?}"
    );
    assert!(!differ.contains(old), "{differ:?}");
    assert!(!site.read(old).contains("Tout neuf"));
    // What the old one shows is withdrawn: it may show it no longer.
    let shown = site.read(old);
    let shown = between(&shown, "<ol class=\"feed\">", "</ol>");
    let slug = between(shown, "href=\"/politique/", "/\"").to_owned();
    fs::remove_file(site.edition(&format!("articles/{slug}.json"))).expect("the article");
    site.change(list, |feed| without(feed, &slug));
    site.prerender();
    let now = site.read(old);
    assert!(!between(&now, "<ol class=\"feed\">", "</ol>").contains(&slug));
    assert!(now.contains("Tout neuf"));
}

#[test]
fn the_page_of_an_article_that_is_gone_goes() {
    let site = Site::new();
    site.prerender();
    fs::remove_file(site.edition(ARTICLE_JSON)).expect("the article");
    let [_, _, removed] = counts(&site.prerender());
    assert!(removed > 0);
    assert!(!site.path("politique/le-role-des-regions").exists());
    assert!(!site.path("api/articles/le-role-des-regions.json").exists());
    assert!(!site.read("sitemap-1.xml").contains("le-role-des-regions"));
    assert!(
        !site
            .read("auteur/la-redaction/index.html")
            .contains("le-role-des-regions")
    );
}

// ---- Faults ----------------------------------------------------------------------------------

#[test]
fn a_page_is_never_replaced_by_a_worse_one() {
    let site = Site::new();
    site.prerender();
    let good = site.read(ARTICLE);
    let good_front = site.read("culture/index.html");
    let document = site.document(ARTICLE_JSON);
    let culture = site.document("feeds/culture.json");
    site.edit(ARTICLE_JSON, "{\"slug\": \"le-role-des-regions\"");
    site.edit("feeds/culture.json", "[]");
    for _ in 0..2 {
        let summary = site.prerender();
        names_fault(&summary, "articles/le-role-des-regions.json: breaks off");
        names_fault(&summary, "feeds/culture.json: ");
        assert_eq!(site.read(ARTICLE), good);
        assert_eq!(site.read("culture/index.html"), good_front);
        assert_eq!(site.read("api/articles/le-role-des-regions.json"), document);
        assert!(site.read("sitemap-1.xml").contains("le-role-des-regions"));
    }
    // One that can be read, but lacks what the page has.
    site.edit(
        ARTICLE_JSON,
        &document.replace("2026-11-20T09:30:00+01:00", "2026-11-20 09:30"),
    );
    let summary = site.prerender();
    names_fault(
        &summary,
        "articles/le-role-des-regions.json: datePublished: must be an RFC 3339 time with an offset",
    );
    names_fault(
        &summary,
        "articles/le-role-des-regions.json: has more faults than what is published",
    );
    assert_eq!(site.read(ARTICLE), good);
    // Unless who publishes says so.
    let summary = prerender(&Options {
        keep_going: true,
        ..site.options()
    })
    .expect("a site");
    names_fault(
        &summary,
        "articles/le-role-des-regions.json: datePublished: ",
    );
    assert!(
        !site
            .read(ARTICLE)
            .contains("<time datetime=\"2026-11-20T09:30:00+01:00\"")
    );
    // And mended, it is as it was.
    site.edit(ARTICLE_JSON, &document);
    site.edit("feeds/culture.json", &culture);
    assert_eq!(faults(&site.prerender()), [""; 0]);
    assert_eq!(site.read(ARTICLE), good);
}

#[test]
fn a_new_build_does_not_lose_what_can_no_longer_be_read() {
    let site = Site::new();
    site.prerender();
    let old = site.0.path().join("old");
    fs::rename(site.path(""), &old).expect("a move");
    fs::create_dir(site.path("")).expect("dist");
    built::built(&site.path(""));
    site.edit(ARTICLE_JSON, "[]");
    let summary = prerender(&Options {
        previous: Some(old.clone()),
        ..site.options()
    })
    .expect("a site");
    names_fault(&summary, "articles/le-role-des-regions.json: ");
    let page = fs::read_to_string(old.join(ARTICLE)).expect("the old page");
    assert_eq!(site.read(ARTICLE), page);
}

#[test]
fn nothing_is_touched_where_the_edition_cannot_be_read() {
    let site = Site::new();
    site.prerender();
    let before = site.files();
    fs::rename(site.edition("site.json"), site.edition("elsewhere")).expect("a move");
    let error = prerender(&site.options()).expect_err("no edition");
    assert!(error.to_string().contains("site.json: missing"), "{error}");
    assert_eq!(site.files(), before);
}

#[test]
fn odd_articles_are_named_and_leave_their_folder_to_nobody() {
    let site = Site::new();
    let article: Value = serde_json::from_str(&site.document(ARTICLE_JSON)).expect("JSON");
    let with = |name: &str, member: &str, value: Value| {
        let mut article = article.clone();
        article["slug"] = json!(name);
        article[member] = value;
        site.edit(&format!("articles/{name}.json"), &article.to_string());
    };
    with("sans-rubrique", "articleSection", Value::Null);
    with("rubrique-reservee", "articleSection", json!("api"));
    with("autre-nom", "slug", json!("encore-un"));
    with("evade", "slug", json!("../../evade"));
    with("Majuscule", "slug", json!("Majuscule"));
    // A section that the edition does not have: a page, but named.
    site.change(ARTICLE_JSON, |article| {
        article["articleSection"] = json!("sports")
    });
    let summary = site.prerender();
    for wanted in [
        "articles/Majuscule.json: the file's name must be a slug",
        "articles/autre-nom.json: slug: must be the file's name",
        "articles/evade.json: slug: ",
        "articles/sans-rubrique.json: articleSection: missing",
        "articles/rubrique-reservee.json: articleSection: must be a section's slug",
        "articles/le-role-des-regions.json: articleSection: names no section of site.json",
    ] {
        names_fault(&summary, wanted);
    }
    assert!(site.path("sports/le-role-des-regions/index.html").is_file());
    assert!(!site.path(ARTICLE).exists());
    for nowhere in [
        "politique/evade",
        "evade",
        "politique/encore-un",
        "api/articles/evade.json",
    ] {
        assert!(!site.path(nowhere).exists(), "{nowhere}");
    }
    // Every run says so, also of what it did not read again.
    assert_eq!(faults(&site.prerender()), faults(&summary));
}

#[test]
fn one_slug_for_two_files_is_one_page() {
    let site = Site::new();
    let other = site.document("articles/qu-est-ce-qu-une-motion.json");
    site.edit("articles/copie.json", &other);
    let summary = site.prerender();
    names_fault(
        &summary,
        "articles/copie.json: slug: must be the file's name",
    );
    assert!(
        site.path("politique/qu-est-ce-qu-une-motion/index.html")
            .is_file()
    );
    assert!(!site.path("politique/copie").exists());
}

#[test]
fn two_articles_may_name_each_other() {
    let site = Site::new();
    let card = |slug: &str| json!([{ "id": slug, "title": slug, "url": format!("https://example.org/politique/{slug}/") }]);
    site.change(ARTICLE_JSON, |article| {
        article["related"] = card("qu-est-ce-qu-une-motion")
    });
    site.change("articles/qu-est-ce-qu-une-motion.json", |article| {
        article["related"] = card("le-role-des-regions")
    });
    assert_eq!(faults(&site.prerender()), [""; 0]);
    assert!(
        site.read(ARTICLE).contains(
            "<a href=\"/politique/qu-est-ce-qu-une-motion/\">qu-est-ce-qu-une-motion</a>"
        )
    );
    let [written, ..] = counts(&site.prerender());
    assert_eq!(written, 0);
}

#[test]
fn an_author_with_a_whole_address_of_the_edition_has_the_page_that_it_leads_to() {
    let site = Site::new();
    site.change(ARTICLE_JSON, |article| {
        article["author"] = json!([
            { "name": "Nadia Amrani", "url": "https://example.org/auteur/nadia-amrani/" },
            { "name": "Yto Ben", "url": "https://example.com/auteur/yto-ben/" },
        ]);
    });
    site.prerender();
    assert!(
        site.read(ARTICLE)
            .contains("<a href=\"/auteur/nadia-amrani/\">Nadia Amrani</a>")
    );
    let page = site.read("auteur/nadia-amrani/index.html");
    assert!(page.contains("/politique/le-role-des-regions/"));
    assert!(!site.path("auteur/yto-ben").exists(), "another site's");
}

#[test]
fn an_empty_section_has_a_page_that_says_so() {
    let site = Site::new();
    site.change("site.json", |edition| {
        let sections = edition["sections"].as_array_mut().expect("sections");
        sections.push(json!({ "slug": "sports", "title": "Sports" }));
    });
    let summary = site.prerender();
    names_fault(&summary, "feeds/sports.json: missing");
    assert!(!site.path("sports").exists());
    site.edit(
        "feeds/sports.json",
        "{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"Sports\",\"items\":[]}",
    );
    assert_eq!(faults(&site.prerender()), [""; 0]);
    assert!(
        site.read("sports/index.html")
            .contains("Aucun article ici pour le moment.")
    );
    assert!(
        site.read("sports/rss.xml")
            .contains("<title>Sports</title>")
    );
}

// ---- What machines read ----------------------------------------------------------------------

#[test]
fn feeds_and_sitemaps_are_read_back() {
    let site = Site::new();
    site.prerender();
    let channel: rss::Channel = site.read("politique/rss.xml").parse().expect("RSS");
    let feed = decode(site.read("api/feeds/politique.json").as_bytes(), Feed::read);
    let feed = feed.value.expect("a feed");
    assert_eq!(channel.title(), "Politique");
    assert_eq!(channel.items().len(), feed.items.len());
    assert_eq!(channel.items()[1].title(), Some(feed.items[1].headline()));
    let sitemap = site.read("sitemap-1.xml");
    let files = site.files();
    let pages = files
        .keys()
        .filter(|path| path.ends_with("index.html"))
        // What stands on these two is the reader's.
        .filter(|path| !path.starts_with("a-lire/") && !path.starts_with("hors-ligne/"))
        .count();
    assert_eq!(sitemap.matches("<loc>").count(), pages);
    assert!(
        site.read("sitemap.xml")
            .contains("<loc>https://example.org/sitemap-1.xml</loc>")
    );
    assert!(
        site.read("robots.txt")
            .contains("Sitemap: https://example.org/sitemap.xml\n")
    );
}

// ---- Names, places, builds -------------------------------------------------------------------

fn assets(site: &Site) -> BTreeSet<String> {
    let entries = fs::read_dir(site.path("assets")).expect("assets");
    entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect()
}

/// Trunk builds again, in the same folder, with another app.
fn build_again(site: &Site, wasm: &str) {
    built::built(&site.path(""));
    fs::write(site.path("manchette-2222_bg.wasm"), wasm).expect("the app");
}

#[test]
fn a_name_changes_when_and_only_when_the_bytes_do() {
    let site = Site::new();
    site.prerender();
    let first = assets(&site);
    let page = site.read(ARTICLE);
    for name in &first {
        if name.ends_with(".br") || name.ends_with(".gz") {
            continue;
        }
        let bytes = fs::read(site.path("assets").join(name)).expect(name);
        let digest = <sha2::Sha256 as sha2::Digest>::digest(bytes);
        let (half, _) = digest.split_at(8);
        let hash = half
            .iter()
            .fold(0, |hash, byte| hash << 8 | u64::from(*byte));
        let hash = format!("{hash:016x}");
        assert!(name.contains(&hash), "{name} has the hash {hash}");
    }
    for gone in [
        "boot.js",
        "manchette-2222.js",
        "manchette-2222_bg.wasm",
        "manchette-1111.css",
    ] {
        assert!(!site.path(gone).exists(), "{gone}");
    }
    // The same build once more: the same names, and no page is another.
    built::built(&site.path(""));
    site.prerender();
    assert_eq!(assets(&site), first);
    assert_eq!(site.read(ARTICLE), page);
    // Another app: its name and the start script's, which names it; not the module's.
    build_again(&site, "another");
    site.prerender();
    let new: Vec<_> = assets(&site).difference(&first).cloned().collect();
    let stems: BTreeSet<_> = new
        .iter()
        .map(|name| name.split('-').next().expect("a stem"))
        .collect();
    assert_eq!(stems, ["boot", "manchette"].into());
    assert!(
        new.iter()
            .all(|name| name.starts_with("boot-") || name.contains(".wasm")),
        "{new:?}"
    );
    assert_ne!(site.read(ARTICLE), page);
}

#[test]
fn the_page_says_what_bytes_it_starts() {
    let site = Site::new();
    site.prerender();
    let page = site.read(ARTICLE);
    let tag = between(&page, "<script type=\"module\"", ">");
    let of = |bytes: &[u8]| {
        use base64::Engine as _;
        let digest = <sha2::Sha256 as sha2::Digest>::digest(bytes);
        format!(
            "sha256-{}",
            base64::engine::general_purpose::STANDARD.encode(digest)
        )
    };
    let src = between(tag, "src=\"/", "\"");
    let boot = site.read(src);
    assert_eq!(between(tag, "integrity=\"", "\""), of(boot.as_bytes()));
    let names: Value = serde_json::from_str(between(&boot, "const files=", ";\n")).expect("names");
    for (name, integrity) in [("js", "jsIntegrity"), ("wasm", "wasmIntegrity")] {
        let file = format!("assets/{}", names[name].as_str().expect("a name"));
        assert_eq!(
            names[integrity],
            json!(of(&fs::read(site.path(&file)).expect("the file")))
        );
    }
}

#[test]
fn the_assets_of_the_last_builds_stay() {
    let site = Site::new();
    site.prerender();
    let mut builds = vec![assets(&site)];
    for wasm in ["two", "three", "four"] {
        build_again(&site, wasm);
        site.prerender();
        builds.push(assets(&site));
    }
    let own = |build: usize| -> BTreeSet<String> {
        builds[build]
            .difference(&builds[build - 1])
            .cloned()
            .collect()
    };
    let now = assets(&site);
    for build in [1, 2, 3] {
        assert!(own(build).is_subset(&now), "build {build}");
    }
    let first: Vec<_> = builds[0]
        .iter()
        .filter(|name| name.starts_with("boot-"))
        .collect();
    assert!(
        first.iter().all(|name| !now.contains(*name)),
        "{first:?} is four builds old"
    );
    assert!(
        now.iter()
            .any(|name| name.starts_with("manchette-") && name.ends_with(".js")),
        "the module never changed"
    );
    // In another folder, as Trunk does it.
    let old = site.0.path().join("old");
    fs::rename(site.path(""), &old).expect("a move");
    fs::create_dir(site.path("")).expect("dist");
    build_again(&site, "five");
    prerender(&Options {
        previous: Some(old),
        keep_builds: 2,
        ..site.options()
    })
    .expect("a site");
    let now = assets(&site);
    assert!(own(3).is_subset(&now));
    assert!(own(2).is_disjoint(&now));
}

#[test]
fn under_a_path_of_a_host_every_address_leads_there() {
    let site = Site::new();
    let at = |base: &str| {
        let options = Options {
            base_url: Some(base.to_owned()),
            ..site.options()
        };
        assert_eq!(faults(&prerender(&options).expect("a site")), [""; 0]);
    };
    at("https://journal.example/le-courrier/");
    let own = |text: &str| {
        // Everything that is asked for or led to, whatever the attribute.
        let mut parts = text
            .split("=\"/")
            .skip(1)
            .filter(|part| !part.starts_with("le-courrier/"));
        assert_eq!(parts.next(), None);
    };
    for file in [
        "index.html",
        ARTICLE,
        "404.html",
        "mot-cle/institutions/index.html",
        "page/1/index.html",
    ] {
        let page = site.read(file);
        own(&page);
        assert!(
            page.contains("<meta name=\"manchette:api\" content=\"/le-courrier/api/\">"),
            "{file}"
        );
        assert!(
            page.contains(
                "<meta name=\"manchette:base\" content=\"https://journal.example/le-courrier/\">"
            ),
            "{file}"
        );
    }
    let page = site.read(ARTICLE);
    for there in [
        "<link rel=\"canonical\" href=\"https://journal.example/le-courrier/politique/le-role-des-regions/\">",
        "content=\"https://journal.example/le-courrier/media/regions-1200.webp\"",
        "srcset=\"/le-courrier/media/regions-400.webp 400w, /le-courrier/media/",
        "href=\"/le-courrier/auteur/la-redaction/\"",
    ] {
        assert!(page.contains(there), "{there}");
    }
    assert!(
        site.read("sitemap-1.xml").contains(
            "<loc>https://journal.example/le-courrier/politique/le-role-des-regions/</loc>"
        )
    );
    assert!(!site.read("sitemap-1.xml").contains("example.org"));
    assert!(!site.read("rss.xml").contains("<link>https://example.org/"));
    let manifest: Value =
        serde_json::from_str(&site.read("manifest.webmanifest")).expect("a manifest");
    assert_eq!(manifest["start_url"], "/le-courrier/");
    assert_eq!(
        site.read("_redirects"),
        "/le-courrier/*  /le-courrier/404.html  404\n"
    );
    // A path alone keeps the edition's own origin; and back to the root.
    at("/le-courrier/");
    assert!(
        site.read(ARTICLE)
            .contains("https://example.org/le-courrier/politique/le-role-des-regions/")
    );
    at("https://example.org/");
    let plain = site.read(ARTICLE);
    site.prerender();
    assert_eq!(site.read(ARTICLE), plain);
    let file = fs::read_to_string(repo().join("deploy/_redirects")).expect("a file");
    assert_eq!(site.read("_redirects"), file);
    for bad in ["journal", "ftp://example.org/", "https://"] {
        let options = Options {
            base_url: Some(bad.to_owned()),
            ..site.options()
        };
        let error = prerender(&options).expect_err(bad).to_string();
        assert!(
            error.contains("--base-url") && error.contains(bad),
            "{error}"
        );
    }
}

#[test]
fn what_moved_is_found_at_its_old_address() {
    let site = Site::new();
    site.edit("redirects.json", "{\"/culture/le-role-des-regions/\": \"/politique/le-role-des-regions/\", \"/politique/\": \"/culture/\", \"/../x/\": \"/culture/\"}");
    let summary = site.prerender();
    names_fault(&summary, "redirects.json: /../x/: ");
    let page = site.read("culture/le-role-des-regions/index.html");
    assert!(page.contains(
        "<link rel=\"canonical\" href=\"https://example.org/politique/le-role-des-regions/\">"
    ));
    assert!(page.contains("content=\"0; url=/politique/le-role-des-regions/\""));
    assert!(
        site.read("politique/index.html").contains("<h1"),
        "what is there now goes before what was"
    );
    let lines = site.read("_redirects");
    assert!(
        lines.starts_with("/culture/le-role-des-regions/ /politique/le-role-des-regions/ 301\n"),
        "{lines}"
    );
    assert!(
        !site
            .read("sitemap-1.xml")
            .contains("/culture/le-role-des-regions/")
    );
}

/// A policy without its hashes, one directive a line.
fn directives(policy: &str) -> Vec<String> {
    let is_hash = |word: &&str| word.starts_with("'sha256-");
    let words = |line: &str| {
        let words = line.split_whitespace().filter(|word| !is_hash(word));
        words.collect::<Vec<_>>().join(" ")
    };
    policy.split(';').map(words).collect()
}

#[test]
fn a_page_can_bring_the_policy_that_servers_send() {
    let site = Site::new();
    site.edit(
        "redirects.json",
        "{\"/culture/le-role-des-regions/\": \"/politique/le-role-des-regions/\"}",
    );
    let with_policy = || {
        prerender(&Options {
            policy_in_pages: true,
            ..site.options()
        })
        .expect("a site")
    };
    let [written, ..] = counts(&with_policy());
    let conf = fs::read_to_string(repo().join("deploy/nginx.conf")).expect("nginx.conf");
    let sent = between(&conf, "    default \"default-src", "\"");
    let sent: Vec<_> = directives(&format!("default-src{sent}"))
        .into_iter()
        .filter(|directive| !directive.starts_with("frame-ancestors"))
        .collect();
    let meta = "<meta http-equiv=\"Content-Security-Policy\" content=\"";
    for file in ["index.html", ARTICLE, "404.html", "hors-ligne/index.html"] {
        let page = site.read(file);
        assert_eq!(directives(between(&page, meta, "\"")), sent, "{file}");
        let (before, _) = page.split_once(meta).expect(file);
        for code in ["<script", "<style", "<link"] {
            assert!(!before.contains(code), "{file}: {code} before the policy");
        }
    }
    let moved = site.read("culture/le-role-des-regions/index.html");
    assert!(moved.contains(&format!("{meta}default-src 'none'\"")));
    // It is a part of the page: with it nothing changes, without it every page does.
    assert_eq!(counts(&with_policy()), [0, written, 0]);
    site.prerender();
    for file in ["index.html", ARTICLE, "404.html"] {
        assert!(!site.read(file).contains(meta), "{file}");
    }
}

#[test]
fn compressed_forms_are_never_older_than_their_page() {
    let site = Site::new();
    let packed = || {
        prerender(&Options {
            compress: true,
            ..site.options()
        })
        .expect("a site")
    };
    let unpacked = |ending: &str| {
        let bytes = fs::read(site.path(&format!("{ARTICLE}.{ending}"))).expect(ending);
        let mut text = String::new();
        match ending {
            "br" => brotli::Decompressor::new(&bytes[..], 4096).read_to_string(&mut text),
            _ => flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text),
        }
        .expect(ending);
        text
    };
    let [written, ..] = counts(&packed());
    assert_eq!(
        [unpacked("br"), unpacked("gz")],
        [site.read(ARTICLE), site.read(ARTICLE)]
    );
    assert_eq!(counts(&packed()), [0, written, 0]);
    let document = site.document(ARTICLE_JSON);
    site.edit(
        ARTICLE_JSON,
        &document.replace("Le rôle des régions", "Ce que font les régions"),
    );
    packed();
    assert!(unpacked("br").contains("Ce que font les régions"));
    // Without them, none that was there stays beside a newer page.
    site.edit(ARTICLE_JSON, &document);
    site.prerender();
    for ending in ["br", "gz"] {
        assert!(!site.path(&format!("{ARTICLE}.{ending}")).exists());
    }
}

// ---- Runs that break off ---------------------------------------------------------------------

/// The command, with files that may not grow beyond so many blocks of 512 bytes: what a full disk
/// does to a program that writes.
fn with_little_room(site: &Site, blocks: u32) -> std::process::Output {
    let script = format!(
        "trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" prerender --dist \"$1\" --api \"$2\""
    );
    std::process::Command::new("bash")
        .args(["-c", &script, env!("CARGO_BIN_EXE_manchette")])
        .args([site.path(""), site.edition("")])
        .output()
        .expect("bash")
}

#[test]
fn a_full_disk_leaves_every_page_old_or_new() {
    let site = Site::new();
    site.prerender();
    let before = site.files();
    // Longer than there is room for.
    site.change(ARTICLE_JSON, |article| {
        article["headline"] = json!("Ce que font les régions");
        let paragraph = json!({ "type": "paragraph", "children": [{ "type": "text", "value": "mot ".repeat(50_000) }] });
        article["body"]["children"].as_array_mut().expect("blocks").push(paragraph);
    });
    let output = with_little_room(&site, 200);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(
        error.contains("le-role-des-regions") && error.contains("File too large"),
        "{error}"
    );
    let after = site.files();
    for (path, bytes) in &before {
        let now = &after[path];
        assert!(
            now == bytes || now.ends_with(b"</html>\n") || now.ends_with(b"}"),
            "{}",
            path.display()
        );
    }
    assert_eq!(after[Path::new(ARTICLE)], before[Path::new(ARTICLE)]);
    // With room again the next run makes it good.
    site.prerender();
    assert!(site.read(ARTICLE).contains("Ce que font les régions"));
    assert!(!site.path(".manchette/beside").exists());
}

#[test]
fn a_run_that_is_killed_at_any_moment_is_made_good_by_the_next() {
    let whole = Site::new();
    whole.prerender();
    let wanted = whole.files();
    let site = Site::new();
    // An article that only the runs that broke off have seen.
    let gone = "articles/passager.json";
    site.edit(
        gone,
        &site
            .document(ARTICLE_JSON)
            .replace(
                "\"slug\": \"le-role-des-regions\"",
                "\"slug\": \"passager\"",
            )
            .replace("/politique/le-role-des-regions/", "/politique/passager/"),
    );
    let mut seen = 0;
    for files in [1, 5, 20, 60, 120] {
        let mut run = std::process::Command::new(env!("CARGO_BIN_EXE_manchette"));
        run.arg("prerender")
            .arg("--dist")
            .arg(site.path(""))
            .arg("--api")
            .arg(site.edition(""));
        let mut run = run
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("a run");
        // Killed once it has written so many files.
        let journal = site.path(".manchette/journal");
        let done = || {
            fs::read_to_string(&journal)
                .unwrap_or_default()
                .lines()
                .count()
                >= files
        };
        while !done() && run.try_wait().expect("a run").is_none() {
            std::thread::yield_now();
        }
        let _ = run.kill();
        run.wait().expect("an end");
        for (path, bytes) in site.files() {
            if path.extension().is_some_and(|ending| ending == "html") {
                let text = String::from_utf8(bytes).expect("text");
                assert!(
                    text.trim_end().ends_with("</html>"),
                    "{} is half a page",
                    path.display()
                );
            }
        }
        seen += usize::from(site.path("politique/passager").exists());
    }
    fs::remove_file(site.edition(gone)).expect("the article");
    site.prerender();
    assert!(seen > 0, "no run came as far as the article that is gone");
    assert_eq!(differences(&wanted, &site.files()), BTreeSet::new());
}

#[test]
fn two_runs_at_once_are_one_too_many() {
    let site = Site::new();
    site.prerender();
    let lock = fs::File::create(site.path(".manchette/lock")).expect("the lock");
    lock.lock().expect("locked");
    let error = prerender(&site.options()).expect_err("two at once");
    assert!(
        error.to_string().contains("another run is at work here"),
        "{error}"
    );
}

/// Makes the memory of the last run that of another program.
fn forget(site: &Site) {
    let file = site.path(".manchette/memory");
    let mut bytes = fs::read(&file).expect("the memory");
    bytes[0] ^= 1;
    fs::write(&file, bytes).expect("the memory");
}

#[test]
fn an_edition_that_was_copied_here_is_printed_from_here() {
    let site = Site::new();
    site.prerender();
    let before = site.files();
    let in_place = Options::new(site.path(""));
    // Another program remembers less of what it finds.
    forget(&site);
    // And of a run that broke off while it copied there is a journal.
    let journal = format!("api/{ARTICLE_JSON}\n");
    fs::write(site.path(".manchette/journal"), journal).expect("the journal");
    for _ in 0..2 {
        let summary = prerender(&in_place).expect("a site");
        assert_eq!(faults(&summary), [""; 0]);
        assert_eq!(differences(&before, &site.files()), BTreeSet::new());
    }
    // And it is the edition now: what is gone from it goes, and so do lists that were ours.
    fs::remove_file(site.path("api").join(ARTICLE_JSON)).expect("the article");
    prerender(&in_place).expect("a site");
    assert!(!site.path(ARTICLE).exists());
    assert!(
        !site
            .path("api/feeds/mot-cle/regionalisation-avancee.json")
            .exists()
    );
}

// ---- An edition at an address

/// A backend on loopback: the files of a folder with an ETag each, until it is told to fail.
struct Backend {
    url: url::Url,
    mode: Arc<Mutex<Mode>>,
    /// The status of each answer so far.
    answers: Arc<Mutex<Vec<u16>>>,
}

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Well,
    Silent,
    Broken,
    Hotel,
}

impl Backend {
    fn start(folder: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/api", listener.local_addr().expect("an address"));
        let mode = Arc::new(Mutex::new(Mode::Well));
        let answers = Arc::new(Mutex::new(Vec::new()));
        let (mode_, answers_) = (Arc::clone(&mode), Arc::clone(&answers));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (folder, mode, answers) =
                    (folder.clone(), Arc::clone(&mode_), Arc::clone(&answers_));
                std::thread::spawn(move || {
                    let _ = answer(&stream.expect("a request"), &folder, &mode, &answers);
                });
            }
        });
        Self {
            url: url.parse().expect("an address"),
            mode,
            answers,
        }
    }

    fn is(&self, mode: Mode) {
        *self.mode.lock().expect("a mode") = mode;
    }

    fn answers(&self) -> Vec<u16> {
        std::mem::take(&mut self.answers.lock().expect("answers"))
    }
}

fn answer(
    stream: &TcpStream,
    folder: &Path,
    mode: &Mutex<Mode>,
    answers: &Mutex<Vec<u16>>,
) -> io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().ok_or(io::ErrorKind::UnexpectedEof)??;
    let mut tag = String::new();
    for line in lines {
        let line = line?;
        if let Some(value) = line.to_lowercase().strip_prefix("if-none-match: ") {
            value.clone_into(&mut tag);
        }
        if line.is_empty() {
            break;
        }
    }
    let mode = *mode.lock().expect("a mode");
    let file = first
        .split(' ')
        .nth(1)
        .and_then(|path| path.strip_prefix("/api/"));
    let bytes = fs::read(folder.join(file.unwrap_or_default()));
    let own = bytes.as_ref().ok().map(|bytes| {
        use sha2::Digest as _;
        let hash = sha2::Sha256::digest(bytes);
        format!(
            "\"{:02x}{:02x}{:02x}{:02x}\"",
            hash[0], hash[1], hash[2], hash[3]
        )
    });
    let (status, body) = match (mode, bytes) {
        (Mode::Silent, _) => {
            // Until whoever asks goes away.
            let _ = (&*stream).read(&mut [0; 16]);
            return Ok(());
        }
        (Mode::Broken, _) => (503, b"Briefly unavailable".to_vec()),
        (Mode::Hotel, _) => (200, b"<h1>Bienvenue</h1>".to_vec()),
        (Mode::Well, Err(_)) => (404, Vec::new()),
        (Mode::Well, Ok(_)) if own.as_deref() == Some(tag.as_str()) => (304, Vec::new()),
        (Mode::Well, Ok(bytes)) => (200, bytes),
    };
    answers.lock().expect("answers").push(status);
    let tag = own.unwrap_or_default();
    write!(
        &*stream,
        "HTTP/1.1 {status} -\r\nconnection: close\r\netag: {tag}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )?;
    (&*stream).write_all(&body)
}

/// Quick to give up: this is loopback.
fn manners() -> Manners {
    Manners {
        connect: Duration::from_secs(2),
        total: Duration::from_secs(1),
        attempts: 2,
        pause: Duration::from_millis(10),
        longest_pause: Duration::from_millis(10),
        ..Manners::default()
    }
}

#[test]
fn an_edition_at_an_address_is_printed_like_one_in_a_folder() {
    let site = Site::new();
    let there = site.options().api.expect("the edition's folder");
    let backend = Backend::start(there);
    let print = || {
        let api = mirror(&backend.url, &site.path(""), manners()).expect("an edition");
        prerender(&Options {
            api: Some(api),
            ..site.options()
        })
        .expect("a site")
    };
    let summary = print();
    assert_eq!(faults(&summary), [""; 0]);
    let asked = backend.answers();
    assert!(
        asked.iter().all(|status| [200, 404].contains(status)),
        "{asked:?}"
    );
    assert!(site.path(ARTICLE).is_file());
    assert!(site.path("politique/page/1/index.html").is_file());
    assert!(site.path("mot-cle/institutions/index.html").is_file());
    // A second time nothing is sent, and nothing written.
    let before = site.files();
    let summary = print();
    let sent = backend
        .answers()
        .iter()
        .filter(|status| **status == 200)
        .count();
    assert_eq!((sent, counts(&summary)[0]), (0, 0));
    assert!(site.files() == before);
    // What is changed there changes here; what is gone there goes here.
    site.change(ARTICLE_JSON, |article| {
        article["headline"] = json!("Un autre titre")
    });
    print();
    assert!(site.read(ARTICLE).contains("Un autre titre"));
    let sent = backend
        .answers()
        .iter()
        .filter(|status| **status == 200)
        .count();
    assert_eq!(sent, 1);
    fs::remove_file(site.edition(ARTICLE_JSON)).expect("the article");
    print();
    assert!(!site.path(ARTICLE).exists());
}

#[test]
fn a_backend_that_is_away_or_ill_changes_nothing() {
    let site = Site::new();
    let there = site.options().api.expect("the edition's folder");
    let backend = Backend::start(there);
    let api = mirror(&backend.url, &site.path(""), manners()).expect("an edition");
    prerender(&Options {
        api: Some(api),
        ..site.options()
    })
    .expect("a site");
    let before = site.files();
    let trouble = |mode: Mode, wanted: &str| {
        backend.is(mode);
        let start = Instant::now();
        let error = mirror(&backend.url, &site.path(""), manners()).expect_err(wanted);
        let text = error.to_string();
        assert!(
            text.contains(wanted) && text.contains(backend.url.as_str()),
            "{text}"
        );
        assert!(start.elapsed() < Duration::from_secs(30));
    };
    trouble(Mode::Silent, "timeout");
    trouble(Mode::Broken, "site.json: answers 503");
    trouble(Mode::Hotel, "site.json: is no JSON object");
    assert!(site.files() == before);
    let nobody = TcpListener::bind("127.0.0.1:0")
        .and_then(|l| l.local_addr())
        .expect("a port");
    let url: url::Url = format!("http://{nobody}/api/").parse().expect("an address");
    let error = mirror(&url, &site.path(""), manners()).expect_err("nobody is there");
    assert!(error.to_string().contains(url.as_str()), "{error}");
    assert!(site.files() == before);
    // And when it is well again, so are we.
    backend.is(Mode::Well);
    mirror(&backend.url, &site.path(""), manners()).expect("an edition");
}
