//! Reads every file of an edition as the app would, and names what is not as the contract has it:
//! in each file by itself, and between the files (names, links, the order of the archive).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use crate::content::{
    Article, Block, DOCUMENT_LIMIT, Decoded, Feed, Field, Item, Site, Slug, decode,
};
use crate::route::{self, Front, Route};

/// What a check found.
#[derive(Debug, Default)]
pub struct Report {
    /// The faults, in the order of the files.
    pub faults: Vec<FileFault>,
    /// How many articles were read.
    pub articles: usize,
    /// How many lists were read.
    pub lists: usize,
    /// How many nodes of unknown types the articles hold; that is allowed.
    pub unknown_nodes: usize,
}

/// A fault, and the file that has it.
#[derive(Debug, PartialEq, Eq)]
pub struct FileFault {
    /// The file, below the edition's folder.
    pub file: String,
    /// Path of the member; empty for the file itself.
    pub member: String,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, member, what } = self;
        if member.is_empty() {
            return write!(f, "{file}: {what}");
        }
        write!(f, "{file}: {member}: {what}")
    }
}

impl Report {
    /// One line: how much was read, and how many faults there are.
    #[must_use]
    pub fn summary(&self) -> String {
        let Self {
            articles,
            lists,
            unknown_nodes,
            ..
        } = self;
        let unknown = match unknown_nodes {
            0 => String::new(),
            n => format!("; {n} nodes of unknown types are shown by their children"),
        };
        match self.faults.len() {
            0 => format!("{articles} articles and {lists} lists, no fault{unknown}"),
            n => format!("{articles} articles and {lists} lists, {n} faults{unknown}"),
        }
    }

    pub(super) fn fault(&mut self, file: &str, member: impl Into<String>, what: impl Into<String>) {
        self.faults.push(FileFault {
            file: file.to_owned(),
            member: member.into(),
            what: what.into(),
        });
    }

    pub(super) fn read<T>(
        &mut self,
        dir: &Path,
        file: &str,
        read: fn(&Field) -> Option<T>,
    ) -> Option<T> {
        let bytes = match read_limited(&dir.join(file)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.fault(file, "", "missing");
                return None;
            }
            Err(error) => {
                self.fault(file, "", format!("can't be read: {error}"));
                return None;
            }
        };
        let Decoded {
            value,
            faults,
            unknown_nodes,
        } = decode(&bytes, read);
        self.unknown_nodes += unknown_nodes;
        for fault in faults {
            self.fault(file, fault.member, fault.what);
        }
        value.ok()
    }
}

/// The file, or one byte more than the contract's limit of it.
pub(super) fn read_limited(path: &Path) -> io::Result<Vec<u8>> {
    use io::Read;
    let limit = u64::try_from(DOCUMENT_LIMIT).unwrap_or(u64::MAX) + 1;
    let file = fs::File::open(path)?;
    // Room for all of it and for seeing that it ends there: `take` hides the length, and the bytes
    // would come in ten pieces.
    let length = file.metadata()?.len().min(limit);
    let mut bytes = Vec::with_capacity(usize::try_from(length + 1).unwrap_or(0));
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// An edition's articles by slug, with their files.
type Articles = BTreeMap<Slug, Article>;

/// Checks the edition in `dir`. An error only where `dir` itself can't be read; everything else is
/// in the report.
pub fn check(dir: &Path) -> io::Result<Report> {
    fs::read_dir(dir).map_err(|e| io::Error::new(e.kind(), format!("{}: {e}", dir.display())))?;
    let mut report = Report::default();
    let site = report.read(dir, route::SITE, Site::read);
    let articles = read_articles(dir, &mut report)?;
    let site = site.unwrap_or_else(Site::unknown);
    for article in articles.values() {
        check_article(article, &site, &articles, &mut report);
    }
    let mut lists = BTreeMap::new();
    read_lists(dir, "feeds", &mut lists, &mut report)?;
    let mut heads = BTreeSet::from([Front::Home.feed()]);
    heads.extend(
        site.sections
            .iter()
            .map(|s| Front::Section(s.slug.clone()).feed()),
    );
    for head in &heads {
        if !dir.join(head).exists() {
            report.fault(head, "", "missing");
        }
    }
    for (file, feed) in &lists {
        check_list(file, feed, &site, &articles, &mut report);
    }
    check_archives(&lists, &mut report);
    report.faults.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(report)
}

/// The JSON files directly in `dir/folder`, sorted by name, without their ending.
pub(super) fn json_files(dir: &Path, folder: &str) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(dir.join(folder)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(name) = name.strip_suffix(".json")
            && !entry.path().is_dir()
        {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn read_articles(dir: &Path, report: &mut Report) -> io::Result<Articles> {
    let mut articles = Articles::new();
    for name in json_files(dir, "articles")? {
        let file = format!("articles/{name}.json");
        report.articles += 1;
        let Some(slug) = Slug::parse(&name) else {
            report.fault(&file, "", "the file's name must be a slug");
            continue;
        };
        let Some(article) = report.read(dir, &file, Article::read) else {
            continue;
        };
        if article.slug != slug {
            let what = format!(
                "is {:?}, but the file's name says {name:?}",
                article.slug.as_str()
            );
            report.fault(&file, "slug", what);
        }
        articles.insert(slug, article);
    }
    Ok(articles)
}

fn read_lists(
    dir: &Path,
    folder: &str,
    lists: &mut BTreeMap<String, Feed>,
    report: &mut Report,
) -> io::Result<()> {
    for name in json_files(dir, folder)? {
        let file = format!("{folder}/{name}.json");
        report.lists += 1;
        if let Some(feed) = report.read(dir, &file, Feed::read) {
            lists.insert(file, feed);
        }
    }
    let Ok(entries) = fs::read_dir(dir.join(folder)) else {
        return Ok(());
    };
    for entry in entries {
        let entry = entry?;
        // A folder's link could lead in a circle.
        if entry.file_type()?.is_dir() {
            let name = entry.file_name().to_string_lossy().into_owned();
            read_lists(dir, &format!("{folder}/{name}"), lists, report)?;
        }
    }
    Ok(())
}

fn check_article(article: &Article, site: &Site, articles: &Articles, report: &mut Report) {
    let file = format!("articles/{}.json", article.slug);
    if let Some(section) = &article.article_section {
        if site.section_title(section).is_none() {
            let what = format!("the edition has no section {:?}", section.as_str());
            report.fault(&file, "articleSection", what);
        }
        let route = Route::Article {
            section: section.clone(),
            slug: article.slug.clone(),
        };
        if let Some(url) = &article.url
            && url
                .path_on(site.url.as_ref())
                .is_some_and(|path| Route::parse(path) != Some(route.clone()))
        {
            report.fault(
                &file,
                "url",
                format!("must be the article's own page, {route}"),
            );
        }
    }
    for (index, item) in article.related.iter().enumerate() {
        let member = format!("related[{index}]");
        if item.manchette.slug.as_ref() == Some(&article.slug) {
            report.fault(&file, &member, "is the article itself");
        }
        check_item(&file, &member, item, site, articles, report);
    }
    check_links(&file, "body", &article.body.children, articles, report);
}

/// The "Lire aussi" lines must lead to articles of the edition.
fn check_links(file: &str, at: &str, blocks: &[Block], articles: &Articles, report: &mut Report) {
    for (index, block) in blocks.iter().enumerate() {
        let member = format!("{at}.children[{index}]");
        match block {
            Block::SeeAlso {
                slug: Some(slug),
                section,
                ..
            } => {
                let what = missing(slug, section.as_ref(), articles);
                if let Some(what) = what {
                    report.fault(file, format!("{member}.slug"), what);
                }
            }
            Block::Blockquote { children } => {
                check_links(file, &member, children, articles, report)
            }
            Block::List { children, .. } => {
                for (i, item) in children.iter().enumerate() {
                    let at = format!("{member}.children[{i}]");
                    check_links(file, &at, &item.children, articles, report);
                }
            }
            _ => {}
        }
    }
}

fn missing(slug: &Slug, section: Option<&Slug>, articles: &Articles) -> Option<String> {
    let Some(article) = articles.get(slug) else {
        return Some(format!("the edition has no article {:?}", slug.as_str()));
    };
    let own = article.article_section.as_ref();
    match (own, section) {
        (Some(own), Some(section)) if own != section => Some(format!(
            "the article {:?} is in section {:?}, not {:?}",
            slug.as_str(),
            own.as_str(),
            section.as_str()
        )),
        _ => None,
    }
}

fn check_item(
    file: &str,
    member: &str,
    item: &Item,
    site: &Site,
    articles: &Articles,
    report: &mut Report,
) {
    if let Some(section) = &item.manchette.section
        && site.section_title(section).is_none()
    {
        let what = format!("the edition has no section {:?}", section.as_str());
        report.fault(file, format!("{member}._manchette.section"), what);
    }
    let by_url = item.url.as_ref();
    let route = by_url.and_then(|url| Route::of_href(url, site.url.as_ref()));
    if let Some(Route::Article { section, slug }) = route {
        if let Some(what) = missing(&slug, Some(&section), articles) {
            report.fault(file, format!("{member}.url"), what);
        }
    } else if let (None, Some(slug)) = (by_url, &item.manchette.slug)
        && let Some(what) = missing(slug, item.manchette.section.as_ref(), articles)
    {
        report.fault(file, format!("{member}._manchette.slug"), what);
    }
}

fn check_list(file: &str, feed: &Feed, site: &Site, articles: &Articles, report: &mut Report) {
    let mut ids = BTreeSet::new();
    let mut last: Option<i64> = None;
    for (index, item) in feed.items.iter().enumerate() {
        let member = format!("items[{index}]");
        if !ids.insert(&item.id) {
            report.fault(file, format!("{member}.id"), "stands in this list before");
        }
        check_item(file, &member, item, site, articles, report);
        let Some(date) = &item.date_published else {
            continue;
        };
        if last.is_some_and(|last| last < date.seconds()) {
            let what = "is later than an item above it; the newest comes first";
            report.fault(file, format!("{member}.date_published"), what);
        }
        last = Some(date.seconds());
    }
}

/// The archive: pages numbered from 1 without a hole, each linked to the one before, all but the
/// newest equally long.
fn check_archives(lists: &BTreeMap<String, Feed>, report: &mut Report) {
    let mut archives: BTreeMap<&str, BTreeMap<u32, &Feed>> = BTreeMap::new();
    for (file, feed) in lists {
        let Some((folder, name)) = file.rsplit_once('/') else {
            continue;
        };
        // `feeds/auteur/42.json` is a list whose slug is a number, not an archive page.
        let depth = folder.split('/').count();
        let own = matches!(folder.split('/').nth(1), Some("auteur" | "mot-cle"));
        if depth != if own { 3 } else { 2 } {
            continue;
        }
        match name.trim_end_matches(".json").parse() {
            Ok(n) => {
                archives.entry(folder).or_default().insert(n, feed);
            }
            Err(_) => report.fault(file, "", "an archive page's name must be its number"),
        }
    }
    for (file, head) in lists {
        let folder = file.trim_end_matches(".json");
        let is_head = !archives.contains_key(file.rsplit_once('/').map_or("", |(f, _)| f));
        let newest = archives.get(folder).and_then(|pages| pages.keys().max());
        if is_head {
            check_next(file, head, newest.copied(), report);
        }
    }
    for (folder, pages) in &archives {
        let newest = pages.keys().max().copied().unwrap_or(0);
        let full = pages.get(&1).map(|page| page.items.len());
        for n in 1..=newest {
            let file = format!("{folder}/{n}.json");
            let Some(page) = pages.get(&n) else {
                report.fault(
                    &file,
                    "",
                    "missing: archive pages are numbered from 1 without a hole",
                );
                continue;
            };
            check_next(&file, page, n.checked_sub(1).filter(|n| *n > 0), report);
            if n < newest && full.is_some_and(|full| full != page.items.len()) {
                let what = "all archive pages but the newest have the same number of items";
                report.fault(&file, "items", what);
            }
        }
    }
}

fn check_next(file: &str, feed: &Feed, wanted: Option<u32>, report: &mut Report) {
    let number = feed.next_url.as_ref().and_then(|url| {
        let name = url.as_str().rsplit('/').next()?;
        name.strip_suffix(".json")?.parse::<u32>().ok()
    });
    match (wanted, &feed.next_url) {
        (Some(wanted), _) if number != Some(wanted) => {
            report.fault(
                file,
                "next_url",
                format!("must lead to archive page {wanted}"),
            );
        }
        (None, Some(_)) => report.fault(file, "next_url", "leads on from the oldest page"),
        _ => {}
    }
}
