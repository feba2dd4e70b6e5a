//! From an edition to a complete site: every page as a file, and what machines read beside them.
//! Which files there are is decided here; what stands in them, in the files beside this one.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;

use super::check::{FileFault, Report, json_files};
use super::feeds;
use super::head::{for_script, head, rss_path};
use super::html::html;
use super::lists::{self, Listed, listed};
use super::output::{Counts, Output};
use super::shell::{FALLBACK, Shell};
use crate::content::{Article, Carried, Feed, Href, Site, Slug};
use crate::route::{self, Front, Route};
use crate::view::Screen;

/// How many items of its section's list an article's page carries: the six that it shows, and the
/// article itself, which it does not.
const LATEST: usize = 7;

/// What to prerender.
#[derive(Debug)]
pub struct Options {
    /// The folder with the built app, where the pages go.
    pub dist: PathBuf,
    /// The folder of the edition.
    pub api: PathBuf,
    /// The canonical origin, where it is not the one that the edition names.
    pub base_url: Option<String>,
}

/// What was done.
#[derive(Debug)]
pub struct Summary {
    /// Files written, unchanged, removed.
    pub counts: Counts,
    /// What was left out, and why.
    pub faults: Vec<FileFault>,
    /// How long it took, in seconds.
    pub seconds: f64,
}

impl Summary {
    /// One line for people.
    #[must_use]
    pub fn line(&self) -> String {
        let of = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
        let faults = match self.faults.len() {
            0 => String::new(),
            1 => ", 1 fault".to_owned(),
            n => format!(", {n} faults"),
        };
        format!(
            "{} written, {} unchanged, {} removed; {} bytes in {:.2} s{faults}",
            of(&self.counts.written),
            of(&self.counts.unchanged),
            of(&self.counts.removed),
            of(&self.counts.bytes),
            self.seconds,
        )
    }
}

/// One edition on its way to a folder.
struct Press<'a> {
    options: &'a Options,
    site: Arc<Site>,
    shell: Shell,
    output: Output,
    report: Mutex<Report>,
}

/// Writes every page of the edition. An error only where nothing can be done at all; faults of
/// single documents are in the summary, and the pages that they would have made stay as they were.
pub fn prerender(options: &Options) -> io::Result<Summary> {
    let start = Instant::now();
    let mut report = Report::default();
    let mut site = report
        .read(&options.api, route::SITE, Site::read)
        .ok_or_else(|| io::Error::other(first_fault(&report, &options.api)))?;
    if let Some(base) = &options.base_url {
        site.url = Some(base_url(base)?);
    }
    let press = Press {
        options,
        site: Arc::new(site),
        shell: Shell::open(&options.dist)?,
        output: Output::open(&options.dist)?,
        report: Mutex::new(report),
    };
    press
        .output
        .put(FALLBACK, press.shell.fallback().as_bytes())?;
    let mut fronts = Vec::new();
    let sections = press.lists(&mut fronts)?;
    let mut articles = press.articles(&sections)?;
    lists::sort(&mut articles);
    press.derived_lists(&articles, &mut fronts)?;
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    for (name, text) in feeds::sitemaps(&press.site, &fronts, &articles, now) {
        press.output.put(&name, text.as_bytes())?;
    }
    press
        .output
        .put("robots.txt", feeds::robots(&press.site).as_bytes())?;
    let mut report = press
        .report
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    report.faults.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(Summary {
        counts: press.output.close()?,
        faults: report.faults,
        seconds: start.elapsed().as_secs_f64(),
    })
}

fn first_fault(report: &Report, dir: &Path) -> String {
    let fault = report.faults.first().map(ToString::to_string);
    format!("{}/{}", dir.display(), fault.unwrap_or_default())
}

fn base_url(text: &str) -> io::Result<Href> {
    let web = text.starts_with("https://") || text.starts_with("http://");
    Href::parse(text)
        .filter(|_| web)
        .ok_or_else(|| io::Error::other(format!("--base-url: {text} is no http or https address")))
}

impl Press<'_> {
    /// Reads a document of the edition; what is wrong with it is reported.
    fn read<T>(&self, file: &str, read: fn(&crate::content::Field) -> Option<T>) -> Option<T> {
        let mut report = Report::default();
        let value = report.read(&self.options.api, file, read);
        let mut all = self.report.lock().unwrap_or_else(PoisonError::into_inner);
        all.faults.append(&mut report.faults);
        value
    }

    /// The pages of the home page's and the sections' lists. Returns what an article's page shows
    /// of its section.
    fn lists(&self, fronts: &mut Vec<Route>) -> io::Result<BTreeMap<Slug, Feed>> {
        let mut newest = BTreeMap::new();
        let sections = self.site.sections.iter();
        let sections = sections.map(|section| Front::Section(section.slug.clone()));
        for front in std::iter::once(Front::Home).chain(sections) {
            let routes = self.given(&front)?;
            for route in routes {
                let Some(feed) = self.read(&route.document(), Feed::read) else {
                    self.output.keep_if_written(&page_file(&route));
                    continue;
                };
                if let Route::Front(front) = &route {
                    if let Some(path) = rss_path(front) {
                        let title = feed.title.as_deref().unwrap_or(&self.site.name);
                        let text = feeds::rss(&self.site, title, &front.to_string(), &feed);
                        self.output
                            .put(path.trim_start_matches('/'), text.as_bytes())?;
                    }
                    if let Front::Section(section) = front {
                        let mut latest = feed.clone();
                        latest.items.truncate(LATEST);
                        latest.next_url = None;
                        newest.insert(section.clone(), latest);
                    }
                }
                self.page(&route, None, Some(feed))?;
                fronts.push(route);
            }
        }
        Ok(newest)
    }

    /// The pages of a list whose documents the edition has itself.
    fn given(&self, front: &Front) -> io::Result<Vec<Route>> {
        let head = front.feed();
        let archive = json_files(&self.options.api, head.trim_end_matches(".json"))?;
        let archive = archive.iter().filter_map(|name| route::number(name));
        let archive = archive.map(|n| Route::Archive(front.clone(), n));
        Ok(std::iter::once(Route::Front(front.clone()))
            .chain(archive)
            .collect())
    }

    /// The articles' pages. Returns the articles as lists have them.
    fn articles(&self, sections: &BTreeMap<Slug, Feed>) -> io::Result<Vec<Listed>> {
        let names = json_files(&self.options.api, "articles")?;
        let progress = progress(names.len());
        let articles: io::Result<Vec<Option<Listed>>> = names
            .par_iter()
            .map(|name| {
                let listed = self.article(name, sections);
                progress.inc(1);
                listed
            })
            .collect();
        progress.finish_and_clear();
        Ok(articles?.into_iter().flatten().collect())
    }

    fn article(&self, name: &str, sections: &BTreeMap<Slug, Feed>) -> io::Result<Option<Listed>> {
        let file = format!("articles/{name}.json");
        let fault = |member: &str, what: &str| {
            let mut report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
            report.fault(&file, member, what);
        };
        let Some(slug) = Slug::parse(name) else {
            fault("", "the file's name must be a slug; it has no page");
            return Ok(None);
        };
        let Some(article) = self.read(&file, Article::read) else {
            // Better the page of yesterday than none.
            self.output.keep_pages_of(&slug);
            return Ok(None);
        };
        if article.slug != slug {
            fault("slug", "must be the file's name; the article has no page");
            return Ok(None);
        }
        let Some(listed) = listed(&article, &self.site) else {
            fault("articleSection", "missing; the article has no page");
            return Ok(None);
        };
        let latest = listed
            .route
            .section()
            .and_then(|section| sections.get(section));
        if latest.is_none() {
            fault(
                "articleSection",
                "names no section of site.json that has a list",
            );
        }
        self.page(&listed.route, Some(article), latest.cloned())?;
        Ok(Some(listed))
    }

    /// The lists of authors and keywords: the edition's own where it has them, ours where not.
    fn derived_lists(&self, articles: &[Listed], fronts: &mut Vec<Route>) -> io::Result<()> {
        let lists = lists::by_name(articles);
        let pages: io::Result<Vec<Vec<Route>>> = lists
            .par_iter()
            .map(|(front, (name, items))| {
                let mut routes = Vec::new();
                let own = front.feed();
                let file = format!("api/{own}");
                let given = self.options.api.join(&own).is_file() && !self.output.wrote(&file);
                if given {
                    for route in self.given(front)? {
                        if let Some(feed) = self.read(&route.document(), Feed::read) {
                            self.page(&route, None, Some(feed))?;
                            routes.push(route);
                        } else {
                            self.output.keep_if_written(&page_file(&route));
                        }
                    }
                    return Ok(routes);
                }
                for (route, feed) in lists::documents(front, name, items, &self.site) {
                    let json = serde_json::to_vec(&feed).map_err(io::Error::other)?;
                    let file = format!("api/{}", route.document());
                    self.output.put(&file, &json)?;
                    self.page(&route, None, Some(feed))?;
                    routes.push(route);
                }
                Ok(routes)
            })
            .collect();
        fronts.extend(pages?.into_iter().flatten());
        Ok(())
    }

    fn page(&self, route: &Route, article: Option<Article>, feed: Option<Feed>) -> io::Result<()> {
        let carried = Carried {
            path: route.to_string(),
            site: (*self.site).clone(),
            article,
            feed,
        };
        let documents = for_script(&carried);
        let Some((screen, list)) = Screen::of_carried(carried) else {
            return Ok(());
        };
        let head = head(&screen);
        let page = self.shell.page(&head, &html(screen, list), &documents);
        self.output.put(&page_file(route), page.as_bytes())
    }
}

impl Output {
    fn keep_if_written(&self, file: &str) {
        if self.wrote(file) {
            self.keep(file);
        }
    }

    /// Keeps the pages that an earlier run wrote for an article, in whatever section.
    fn keep_pages_of(&self, slug: &Slug) {
        let end = format!("/{slug}/index.html");
        let files: BTreeSet<String> = self.written_before(|file| {
            file.strip_suffix(&end)
                .is_some_and(|section| !section.contains('/'))
        });
        for file in files {
            self.keep(&file);
        }
    }
}

/// The file that a server finds for a page's address.
fn page_file(route: &Route) -> String {
    format!("{}index.html", route.to_string().trim_start_matches('/'))
}

fn progress(length: usize) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} pages, {eta} left");
    let bar = ProgressBar::new(u64::try_from(length).unwrap_or(u64::MAX));
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
