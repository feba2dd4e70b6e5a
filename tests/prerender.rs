//! The whole site as files: what is written, what is left alone, what is taken away, and what
//! happens to an edition with faults.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use manchette::content::{Article, Carried, Feed, decode};
use manchette::press::{Options, Summary, check, prerender};
use serde_json::Value;

fn repo() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A built app, with a copy of the sample edition.
struct Site(tempfile::TempDir);

impl Site {
    fn new() -> Self {
        let site = Self(tempfile::tempdir().expect("a folder"));
        copy(&repo().join("public/api"), &site.path("api"));
        // The sample edition has its authors' lists; without them they are gathered like the others.
        fs::remove_dir_all(site.path("api/feeds/auteur")).expect("the authors' lists");
        fs::copy(repo().join("index.html"), site.path("index.html")).expect("index.html");
        site
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).expect(file)
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.path(file), text).expect(file);
    }

    fn prerender(&self) -> Summary {
        self.try_prerender().expect("a site")
    }

    fn try_prerender(&self) -> std::io::Result<Summary> {
        prerender(&Options {
            dist: self.0.path().to_owned(),
            api: self.path("api"),
            base_url: None,
        })
    }

    /// Every file, with its bytes.
    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.0.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.insert(path.clone(), fs::read(&path).expect("a file"));
                }
            }
        }
        files
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

fn counts(summary: &Summary) -> [u64; 3] {
    let counts = &summary.counts;
    [&counts.written, &counts.unchanged, &counts.removed].map(|n| n.load(Ordering::Relaxed))
}

/// What stands between two marks, the first time.
fn between<'a>(text: &'a str, open: &str, close: &str) -> &'a str {
    let (_, rest) = text.split_once(open).expect(open);
    rest.split_once(close).expect(close).0
}

const ARTICLE: &str = "politique/le-role-des-regions/index.html";
const ARTICLE_JSON: &str = "api/articles/le-role-des-regions.json";

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
    let bytes = fs::read(site.path(ARTICLE_JSON)).expect("the article");
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
fn a_changed_article_changes_its_page_and_what_lists_it() {
    let site = Site::new();
    site.prerender();
    let changed = site
        .read(ARTICLE_JSON)
        .replace("Le rôle des régions", "Ce que font les régions");
    site.write(ARTICLE_JSON, &changed);
    let before = site.files();
    site.prerender();
    let after = site.files();
    let differ: Vec<_> = after
        .iter()
        .filter(|(path, bytes)| before.get(*path) != Some(bytes))
        .map(|(path, _)| {
            path.strip_prefix(site.0.path())
                .expect("below")
                .display()
                .to_string()
        })
        .collect();
    assert!(differ.contains(&ARTICLE.to_owned()));
    for file in &differ {
        let listed = [
            "auteur/",
            "mot-cle/",
            "api/feeds/auteur/",
            "api/feeds/mot-cle/",
        ];
        let expected = file == ARTICLE || listed.iter().any(|folder| file.starts_with(folder));
        assert!(expected, "{file} has nothing to do with it");
    }
}

#[test]
fn the_page_of_an_article_that_is_gone_goes() {
    let site = Site::new();
    site.prerender();
    fs::remove_file(site.path(ARTICLE_JSON)).expect("the article");
    let [_, _, removed] = counts(&site.prerender());
    assert!(removed > 0);
    assert!(!site.path("politique/le-role-des-regions").exists());
    assert!(!site.read("sitemap-1.xml").contains("le-role-des-regions"));
    assert!(
        !site
            .read("auteur/la-redaction/index.html")
            .contains("le-role-des-regions")
    );
}

#[test]
fn a_page_is_never_replaced_by_a_worse_one() {
    let site = Site::new();
    site.prerender();
    let good = site.read(ARTICLE);
    let good_front = site.read("culture/index.html");
    site.write(ARTICLE_JSON, "{\"slug\": \"le-role-des-regions\"");
    site.write("api/feeds/culture.json", "[]");
    let summary = site.prerender();
    let faults: Vec<_> = summary.faults.iter().map(ToString::to_string).collect();
    assert!(
        faults
            .iter()
            .any(|fault| fault.starts_with("articles/le-role-des-regions.json: breaks off")),
        "{faults:?}"
    );
    assert!(
        faults
            .iter()
            .any(|fault| fault.starts_with("feeds/culture.json: ")),
        "{faults:?}"
    );
    assert_eq!(site.read(ARTICLE), good);
    assert_eq!(site.read("culture/index.html"), good_front);
}

#[test]
fn nothing_is_touched_where_the_edition_cannot_be_read() {
    let site = Site::new();
    site.prerender();
    let before = site.files();
    fs::rename(site.path("api/site.json"), site.path("site.json")).expect("a move");
    let error = site.try_prerender().expect_err("no edition");
    assert!(error.to_string().contains("site.json: missing"), "{error}");
    fs::rename(site.path("site.json"), site.path("api/site.json")).expect("a move");
    assert_eq!(site.files(), before);
}

#[test]
fn odd_articles_are_named_and_leave_their_folder_to_nobody() {
    let site = Site::new();
    let article = site.read(ARTICLE_JSON);
    let with = |name: &str, from: &str, to: &str| {
        site.write(
            &format!("api/articles/{name}.json"),
            &article.replacen(from, to, 1),
        );
    };
    with("sans-rubrique", "\"articleSection\": \"politique\",", "");
    with(
        "autre-nom",
        "\"slug\": \"le-role-des-regions\"",
        "\"slug\": \"encore-un\"",
    );
    with(
        "evade",
        "\"slug\": \"le-role-des-regions\"",
        "\"slug\": \"../../evade\"",
    );
    with("Majuscule", "x", "x");
    let summary = site.prerender();
    let faults: Vec<_> = summary.faults.iter().map(ToString::to_string).collect();
    for wanted in [
        "articles/Majuscule.json: the file's name must be a slug",
        "articles/autre-nom.json: slug: must be the file's name",
        "articles/evade.json: slug: ",
        "articles/sans-rubrique.json: ",
    ] {
        assert!(
            faults.iter().any(|fault| fault.starts_with(wanted)),
            "{wanted} in {faults:?}"
        );
    }
    assert!(site.path(ARTICLE).is_file());
    assert!(!site.path("politique/evade").exists());
}

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
    let pages = site
        .files()
        .keys()
        .filter(|path| path.ends_with("index.html"))
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
