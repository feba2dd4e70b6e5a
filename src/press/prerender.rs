//! From an edition to a complete site: every page as a file, and what machines read beside them.
//! Which files there are is decided here; what stands in them, in the files beside this one.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;

use super::assets::{Build, keep_builds};
use super::check::FileFault;
use super::edition::{self, Edition, Read, article_file};
use super::feeds;
use super::head::{for_script, head, rss_path};
use super::html::html;
use super::lists::{self, item, listed, page_of};
use super::memory::{Listed, Memory, Stamp, key, keys};
use super::output::{Counts, Files, Output, finish, in_file, lock, recall};
use super::policy;
use super::shell::{FALLBACK, Shell};
use crate::content::{Article, Base, Carried, Feed, Item, Site, Slug};
use crate::route::{self, Front, Route};
use crate::view::Screen;

/// How many items of its section's list an article's page carries: the six that it shows, and the
/// article itself, which it does not.
const LATEST: usize = 7;

/// What to prerender.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder with the built app, where the pages go.
    pub dist: PathBuf,
    /// The folder of the edition; `api/` in `dist` where there is none.
    pub api: Option<PathBuf>,
    /// Where the site is served, where that is not what the edition says: a whole address, or the
    /// path alone.
    pub base_url: Option<String>,
    /// The site that this one takes the place of, where that is another folder: the assets of its
    /// last builds are taken over, and its documents stand in for those that can't be read.
    pub previous: Option<PathBuf>,
    /// How many builds' assets are kept, the current one among them; at least one.
    pub keep_builds: usize,
    /// Whether the pages' compressed forms are written beside them.
    pub compress: bool,
    /// Whether each page has its Content-Security-Policy in itself, for a host that sends none.
    pub policy_in_pages: bool,
    /// Whether documents with faults go out in the place of ones with fewer.
    pub keep_going: bool,
}

impl Options {
    /// The site in `dist`, of the edition in its `api/`.
    #[must_use]
    pub fn new(dist: impl Into<PathBuf>) -> Self {
        Self {
            dist: dist.into(),
            api: None,
            base_url: None,
            previous: None,
            keep_builds: 3,
            compress: false,
            policy_in_pages: false,
            keep_going: false,
        }
    }
}

/// What was done.
#[derive(Debug)]
pub struct Summary {
    /// Pages.
    pub pages: Counts,
    /// Everything else: documents, feeds, sitemaps.
    pub others: Counts,
    /// What was left out, and why.
    pub faults: Vec<FileFault>,
    /// How long it took, in seconds.
    pub seconds: f64,
}

impl Summary {
    /// One line for people.
    #[must_use]
    pub fn line(&self) -> String {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let counts = |counts: &Counts| {
            let [written, unchanged, removed] =
                [&counts.written, &counts.unchanged, &counts.removed].map(of);
            format!("{written} written, {unchanged} unchanged, {removed} removed")
        };
        let faults = match self.faults.len() {
            0 => String::new(),
            1 => "; 1 fault".to_owned(),
            n => format!("; {n} faults"),
        };
        format!(
            "pages: {}; other files: {}; {} bytes in {:.2} s{faults}",
            counts(&self.pages),
            counts(&self.others),
            of(&self.pages.bytes) + of(&self.others.bytes),
            self.seconds,
        )
    }
}

/// The newest of a section, as they stand beside its articles.
struct Latest {
    feed: Feed,
    /// The list as pages carry it.
    text: String,
    key: u64,
    /// The edition's own articles among all of the section's newest.
    newest: BTreeSet<Slug>,
}

/// One edition on its way to a folder.
struct Press {
    site: Arc<Site>,
    /// The edition as pages carry it.
    site_text: String,
    /// What every page is made of besides its documents, in a number.
    key: u64,
    shell: Shell,
    edition: Edition,
    /// Whether the documents are published from another folder than the site's own.
    copied: bool,
    keep_going: bool,
    output: Output,
    before: BTreeMap<Slug, Listed>,
    beside: BTreeMap<u64, Vec<Slug>>,
    /// The items of articles that were read in this run.
    items: Mutex<HashMap<Slug, Item>>,
}

/// Writes every page of the edition. An error only where nothing can be done at all; faults of
/// single documents are in the summary, and the pages that they would have made stay as they were.
pub fn prerender(options: &Options) -> io::Result<Summary> {
    let start = Instant::now();
    let began = since_1970().as_nanos();
    let dist = &options.dist;
    let api = options.api.clone().unwrap_or_else(|| dist.join("api"));
    // Before anything is touched.
    let (site, site_json) = read_site(&api, options.base_url.as_deref())?;
    let _lock = lock(dist)?;
    let mut before = Memory::open(dist);
    before.files = recall(dist, before.files);
    let mut copies = Files::new();
    let in_place = same_folder(&api, &dist.join("api"));
    if in_place {
        // The last run may have copied the edition here from another folder. Now it is nobody's copy,
        // and not for us to take away: only lists that were gathered here are ours, whose numbers are
        // not of their bytes.
        let gathered = |name: &str, made_of: u64| {
            let list = ["api/feeds/auteur/", "api/feeds/mot-cle/"];
            list.iter().any(|folder| name.starts_with(folder))
                && fs::read(dist.join(name)).is_ok_and(|bytes| key(&[&bytes]) != made_of)
        };
        (before.files, copies) = std::mem::take(&mut before.files)
            .into_iter()
            .partition(|(name, file)| !name.starts_with("api/") || gathered(name, file.key));
    }
    let previous = options.previous.as_deref().unwrap_or(dist);
    let builds = if previous == dist {
        before.builds
    } else {
        Memory::open(previous).builds
    };
    let build = Build::open(dist)?;
    let must = |what| io::Error::other(format!("index.html: must have {what}, once"));
    let form = if options.policy_in_pages {
        &policy::put_into(&build.form).map_err(must)?
    } else {
        &build.form
    };
    let shell = Shell::cut(form, &site.base, &site.language).map_err(must)?;
    let builds = keep_builds(dist, previous, builds, &build, options.keep_builds)?;
    let press = Press {
        key: key(&[
            form.as_bytes(),
            &site_json,
            site.base.to_string().as_bytes(),
        ]),
        edition: Edition::new(
            api,
            (!in_place || previous != dist).then(|| previous.join("api")),
            before.documents,
            before.began,
        ),
        copied: !in_place,
        keep_going: options.keep_going,
        output: Output::open(dist, before.files, options.compress)?,
        before: before.articles,
        beside: before.beside,
        items: Mutex::default(),
        site_text: for_script(&site),
        site: Arc::new(site),
        shell,
    };
    // Nobody would keep their compressed forms up to date.
    for name in copies.keys() {
        press.output.unpack(name)?;
    }
    press.publish(route::SITE, key(&[&site_json]), &site_json)?;
    let (articles, beside) = press.run()?;
    build.clear(dist)?;
    let documents = press.edition.close();
    let faults = edition::faults(&documents);
    let (files, pages, others) = press.output.close()?;
    let memory = Memory {
        began: u64::try_from(began).unwrap_or(0),
        documents,
        articles,
        beside,
        builds,
        files,
    };
    finish(dist, &memory.bytes()?)?;
    Ok(Summary {
        pages,
        others,
        faults,
        seconds: start.elapsed().as_secs_f64(),
    })
}

/// The edition and its document's bytes.
fn read_site(api: &Path, base_url: Option<&str>) -> io::Result<(Site, Vec<u8>)> {
    let edition = Edition::new(api.to_owned(), None, BTreeMap::new(), 0);
    let Some(read) = edition.read(route::SITE, Site::read) else {
        let faults = edition::faults(&edition.close());
        let fault = faults.first().map(ToString::to_string).unwrap_or_default();
        return Err(io::Error::other(format!("{}/{fault}", api.display())));
    };
    let mut site = read.value;
    if let Some(text) = base_url {
        let base = Base::parse(text).ok_or_else(|| {
            io::Error::other(format!(
                "--base-url: {text:?} is neither an http or https address nor a path from the root"
            ))
        })?;
        site.base = site.base.served_at(base);
    }
    Ok((site, read.bytes))
}

fn same_folder(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

fn since_1970() -> std::time::Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

/// The articles that have a page, and the lists beside them.
type Made = (BTreeMap<Slug, Listed>, BTreeMap<u64, Vec<Slug>>);

/// The pages of a list, and its section's newest.
type Given = (Vec<Route>, Option<(Slug, Latest)>);

impl Press {
    fn run(&self) -> io::Result<Made> {
        let output = &self.output;
        output.put_bytes(FALLBACK, 0, self.shell.fallback().as_bytes())?;
        if self.copied {
            self.copy_media()?;
        }
        let mut fronts = Vec::new();
        let sections = self.lists(&mut fronts)?;
        let articles = self.articles(&sections)?;
        let sorted = lists::newest_first(&articles);
        self.gathered_lists(&sorted, &mut fronts)?;
        // What stands on these two is the reader's.
        for route in [Route::ToRead, Route::Offline] {
            self.page(&route, self.key, None, None)?;
        }
        let now = i64::try_from(since_1970().as_secs()).unwrap_or(i64::MAX);
        for (name, text) in feeds::sitemaps(&self.site, &fronts, &sorted, now) {
            output.put_bytes(&name, 0, text.as_bytes())?;
        }
        for (name, text) in [
            ("robots.txt", feeds::robots(&self.site)),
            ("manifest.webmanifest", feeds::manifest(&self.site)),
        ] {
            output.put_bytes(name, 0, text.as_bytes())?;
        }
        self.redirects()?;
        if !fronts.contains(&Route::HOME) && !output.wrote("index.html") {
            // Without a list of the newest the app says why.
            output.put_bytes("index.html", 0, self.shell.fallback().as_bytes())?;
        }
        let shown: BTreeSet<u64> = articles.values().map(|article| article.beside).collect();
        let mut beside = self.beside.clone();
        let of = |latest: &Latest| (latest.key, latest.feed.slugs().cloned().collect());
        beside.extend(sections.values().map(of));
        beside.retain(|key, _| shown.contains(key));
        Ok((articles, beside))
    }

    // ---- Documents ---------------------------------------------------------------------------

    /// Keeps a page and, where the edition is in another folder, the copy of its document, if both are
    /// as they should be.
    fn keeps(&self, page: &str, page_key: u64, file: &str, hash: u64) -> bool {
        let copy = self.copied.then(|| format!("api/{file}"));
        let copy = copy.as_deref();
        let current = self.output.is_current(page, page_key)
            && copy.is_none_or(|copy| self.output.is_current(copy, hash));
        if current {
            self.output.keep(page);
            copy.inspect(|copy| self.output.keep(copy));
        }
        current
    }

    /// Publishes a document that was read, where the edition is in another folder.
    fn publish(&self, file: &str, hash: u64, bytes: &[u8]) -> io::Result<()> {
        if self.copied {
            return self.output.put_bytes(&format!("api/{file}"), hash, bytes);
        }
        Ok(())
    }

    /// The edition's own pictures, where it has them beside its documents.
    fn copy_media(&self) -> io::Result<()> {
        let mut folders = vec!["media".to_owned()];
        while let Some(folder) = folders.pop() {
            let entries = match fs::read_dir(self.edition.dir().join(&folder)) {
                Ok(entries) => entries,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(in_file(&self.edition.dir().join(&folder), &error)),
            };
            for entry in entries {
                let entry = entry?;
                let file = format!("{folder}/{}", entry.file_name().to_string_lossy());
                if entry.file_type()?.is_dir() {
                    folders.push(file);
                } else if let Some(stamp) = Stamp::of(&entry.path()) {
                    let key = keys(&[stamp.written, stamp.length]);
                    let path = entry.path();
                    let read = || fs::read(&path).map_err(|error| in_file(&path, &error));
                    self.output.put(&file, key, read)?;
                }
            }
        }
        Ok(())
    }

    // ---- Lists that the edition has ----------------------------------------------------------

    /// The pages of the home page's and the sections' lists. Returns what an article's page shows
    /// of its section.
    fn lists(&self, fronts: &mut Vec<Route>) -> io::Result<BTreeMap<Slug, Latest>> {
        let sections = self.site.sections.iter();
        let sections = sections.map(|section| Front::Section(section.slug.clone()));
        let all: io::Result<Vec<_>> = std::iter::once(Front::Home)
            .chain(sections)
            .collect::<Vec<_>>()
            .par_iter()
            .map(|front| self.given_list(front))
            .collect();
        let mut newest = BTreeMap::new();
        for (routes, latest) in all? {
            newest.extend(latest);
            fronts.extend(routes);
        }
        Ok(newest)
    }

    /// The pages of a list whose documents the edition has itself, and the newest of a section.
    fn given_list(&self, front: &Front) -> io::Result<Given> {
        let head = Route::Front(front.clone());
        let mut routes = Vec::new();
        let mut newest = None;
        if let Some((feed, hash)) = self.given_head(&head)? {
            if let Some(path) = rss_path(front) {
                self.output.put(
                    path.trim_start_matches('/'),
                    keys(&[self.key, hash]),
                    || Ok(feeds::rss(&self.site, front, &feed).into_bytes()),
                )?;
            }
            if let Front::Section(section) = front {
                newest = Some((section.clone(), Latest::of(feed)));
            }
            routes.push(head);
        }
        let archive = self.edition.names(front.feed().trim_end_matches(".json"))?;
        let archive: Vec<_> = archive
            .iter()
            .filter_map(|name| route::number(name))
            .map(|n| Route::Archive(front.clone(), n))
            .collect();
        let archive: io::Result<Vec<_>> = archive
            .into_par_iter()
            .map(|route| Ok(self.given_page(&route)?.then_some(route)))
            .collect();
        routes.extend(archive?.into_iter().flatten());
        Ok((routes, newest))
    }

    /// The page with a list's newest items. Its document is read in any case: other pages show it.
    fn given_head(&self, route: &Route) -> io::Result<Option<(Feed, u64)>> {
        let file = route.document();
        let Some(read) = self.edition.read(&file, Feed::read) else {
            self.output.keep(&page_file(route));
            if let Some(path) = route.front().and_then(rss_path) {
                self.output.keep(path.trim_start_matches('/'));
            }
            return Ok(None);
        };
        self.publish(&file, read.hash, &read.bytes)?;
        let page_key = keys(&[self.key, read.hash]);
        let page = page_file(route);
        if self.output.is_current(&page, page_key) {
            self.output.keep(&page);
        } else {
            self.list_page(route, page_key, read.value.clone())?;
        }
        Ok(Some((read.value, read.hash)))
    }

    /// An archive page. False where there is none.
    fn given_page(&self, route: &Route) -> io::Result<bool> {
        let (file, page) = (route.document(), page_file(route));
        if let Some(hash) = self.edition.unchanged(&file)
            && self.keeps(&page, keys(&[self.key, hash]), &file, hash)
        {
            return Ok(true);
        }
        let Some(read) = self.edition.read(&file, Feed::read) else {
            self.output.keep(&page);
            return Ok(self.output.wrote(&page));
        };
        self.publish(&file, read.hash, &read.bytes)?;
        let page_key = keys(&[self.key, read.hash]);
        self.list_page(route, page_key, read.value)?;
        Ok(true)
    }

    // ---- Articles ----------------------------------------------------------------------------

    /// The articles' pages. Returns the articles as lists need them.
    fn articles(&self, sections: &BTreeMap<Slug, Latest>) -> io::Result<BTreeMap<Slug, Listed>> {
        let names = self.edition.names("articles")?;
        // First which are as they were: a page is made anew where one that it shows is not.
        let unchanged: Vec<bool> = names
            .par_iter()
            .map(|name| self.edition.unchanged(&article_file(name)).is_some())
            .collect();
        let same = names.iter().zip(&unchanged).filter(|(_, same)| **same);
        let same: BTreeSet<&str> = same.map(|(name, _)| name.as_str()).collect();
        // The lists beside articles that hold one which has changed or is gone.
        let stale: BTreeSet<u64> = self
            .beside
            .iter()
            .filter(|(_, slugs)| slugs.iter().any(|slug| !same.contains(slug.as_str())))
            .map(|(key, _)| *key)
            .collect();
        let progress = progress(names.len(), "pages");
        let articles: io::Result<Vec<Option<(Slug, Listed)>>> = names
            .par_iter()
            .zip(&unchanged)
            .map(|(name, unchanged)| {
                let article = self.article(name, *unchanged, sections, &stale);
                progress.inc(1);
                article
            })
            .collect();
        progress.finish_and_clear();
        Ok(articles?.into_iter().flatten().collect())
    }

    fn article(
        &self,
        name: &str,
        unchanged: bool,
        sections: &BTreeMap<Slug, Latest>,
        stale: &BTreeSet<u64>,
    ) -> io::Result<Option<(Slug, Listed)>> {
        let file = article_file(name);
        let fault = |member: &str, what: &str| self.edition.fault(&file, member, what);
        let Some(slug) = Slug::parse(name) else {
            fault("", "the file's name must be a slug; it has no page");
            return Ok(None);
        };
        let known = self.before.get(&slug);
        if let (Some(known), true) = (known, unchanged) {
            let page = page_file(&page_of(&slug, &known.section));
            let latest = sections.get(&known.section);
            // The newest articles follow the list beside them. An older one keeps the list that it
            // was made with as long as all that it names is as it was: or each new article would
            // write all the pages of its section anew.
            let beside_holds = match latest {
                None => known.beside == 0,
                Some(latest) => {
                    known.beside == latest.key
                        || (known.beside != 0
                            && !latest.newest.contains(&slug)
                            && !stale.contains(&known.beside))
                }
            };
            if beside_holds && self.keeps(&page, keys(&[self.key, known.hash]), &file, known.hash) {
                return Ok(Some((slug, known.clone())));
            }
        }
        // Better the page of yesterday than none, and than one that lacks what that has.
        let Some(read) = self.best(&file, known) else {
            return Ok(known.map(|known| {
                self.output
                    .keep(&page_file(&page_of(&slug, &known.section)));
                self.output.keep(&format!("api/{file}"));
                (slug, known.clone())
            }));
        };
        let (article, faults) = (read.value, read.faults);
        if article.slug != slug {
            fault("slug", "must be the file's name; the article has no page");
            return Ok(None);
        }
        let latest = article
            .article_section
            .as_ref()
            .and_then(|s| sections.get(s));
        let beside = latest.map_or(0, |latest| latest.key);
        let Some(listed) = listed(&article, self.site.url.as_ref(), read.hash, faults, beside)
        else {
            fault("articleSection", "missing; the article has no page");
            return Ok(None);
        };
        if self.site.section_title(&listed.section).is_none() {
            fault("articleSection", "names no section of site.json");
        } else if latest.is_none() {
            fault("articleSection", "names a section whose list is missing");
        }
        self.publish(&file, read.hash, &read.bytes)?;
        let item = item(&article, &listed.section, &self.site);
        self.lock_items().insert(slug.clone(), item);
        self.page(
            &page_of(&slug, &listed.section),
            keys(&[self.key, read.hash]),
            Some(article),
            latest.map(|latest| (latest.feed.clone(), latest.text.as_str())),
        )?;
        Ok(Some((slug, listed)))
    }

    /// An article as it is to be published: its document, or the one that is published where this one
    /// can't be read or has more faults. None where what is published can only be left as it is.
    fn best(&self, file: &str, known: Option<&Listed>) -> Option<Read<Article>> {
        let read = self.edition.read(file, Article::read)?;
        if read.faults == 0 || self.keep_going {
            return Some(read);
        }
        let published = self.edition.published(file, Article::read);
        let fewer = match (&published, known) {
            (Some(published), _) => published.faults < read.faults,
            (None, Some(known)) => known.faults < read.faults,
            (None, None) => false,
        };
        if !fewer {
            return Some(read);
        }
        let what = "has more faults than what is published, which stays until they are mended (--keep-going publishes it all the same)";
        self.edition.fault(file, "", what);
        published
    }

    fn lock_items(&self) -> std::sync::MutexGuard<'_, HashMap<Slug, Item>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // ---- Lists that are gathered -------------------------------------------------------------

    /// The lists of authors and keywords: the edition's own where it has them, ours where not.
    fn gathered_lists(
        &self,
        sorted: &[(&Slug, &Listed)],
        fronts: &mut Vec<Route>,
    ) -> io::Result<()> {
        let lists: Vec<_> = lists::by_name(sorted).into_iter().collect();
        let routes: io::Result<Vec<Vec<Route>>> = lists
            .par_iter()
            .map(|((author, slug), list)| {
                let front = match author {
                    true => Front::Author((*slug).clone()),
                    false => Front::Keyword((*slug).clone()),
                };
                let own = front.feed();
                let given = self.edition.dir().join(&own).is_file()
                    && (self.copied || !self.output.wrote(&format!("api/{own}")));
                if given {
                    return Ok(self.given_list(&front)?.0);
                }
                lists::parts(&front, list)
                    .into_iter()
                    .map(|part| {
                        self.gathered_part(&front, list.name, &part)?;
                        Ok(part.route)
                    })
                    .collect()
            })
            .collect();
        fronts.extend(routes?.into_iter().flatten());
        Ok(())
    }

    fn gathered_part(&self, front: &Front, name: &str, part: &lists::Part<'_>) -> io::Result<()> {
        let mut made_of = vec![
            self.key,
            key(&[name.as_bytes()]),
            u64::from(part.next.unwrap_or(0)),
        ];
        for (slug, article) in part.articles {
            made_of.push(key(&[slug.as_str().as_bytes()]));
            made_of.push(article.hash);
        }
        let part_key = keys(&made_of);
        let page = page_file(&part.route);
        let copy = format!("api/{}", part.route.document());
        if self.output.is_current(&page, part_key) && self.output.is_current(&copy, part_key) {
            self.output.keep(&page);
            self.output.keep(&copy);
            return Ok(());
        }
        let items = part.articles.iter().filter_map(|(slug, listed)| {
            let known = self.lock_items().get(*slug).cloned();
            known.or_else(|| self.item(slug, listed))
        });
        let feed = lists::document(front, name, part, items.collect(), &self.site);
        let json = serde_json::to_vec(&feed).map_err(io::Error::other)?;
        self.output.put_bytes(&copy, part_key, &json)?;
        self.list_page(&part.route, part_key, feed)
    }

    /// The item of an article that was not read in this run, or was a moment ago.
    fn item(&self, slug: &Slug, listed: &Listed) -> Option<Item> {
        let read = self
            .edition
            .read(&article_file(slug.as_str()), Article::read)?;
        let item = item(&read.value, &listed.section, &self.site);
        self.lock_items().insert(slug.clone(), item.clone());
        Some(item)
    }

    // ---- Addresses that moved ----------------------------------------------------------------

    /// A page at each old address that leads to the new one, and the same as `_redirects`.
    fn redirects(&self) -> io::Result<()> {
        let file = "redirects.json";
        let moved = match fs::read(self.edition.dir().join(file)) {
            Ok(bytes) => serde_json::from_slice::<BTreeMap<String, String>>(&bytes)
                .map_err(|error| {
                    self.edition
                        .fault(file, "", &format!("must be an object of paths: {error}"))
                })
                .unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(error),
        };
        let mut lines = String::new();
        for (from, to) in &moved {
            let (Some(old), Some(new)) = (Route::parse(from), Route::parse(to)) else {
                self.edition.fault(
                    file,
                    from,
                    "must lead from one page of the edition to another",
                );
                continue;
            };
            // What stands there now goes before what once did.
            let page = page_file(&old);
            if self.output.has(&page) {
                continue;
            }
            let text = feeds::redirect(&self.site, &new);
            self.output.put_bytes(&page, 0, text.as_bytes())?;
            let path = |route: &Route| self.site.base.path(&route.to_string());
            let _ = writeln!(lines, "{} {} 301", path(&old), path(&new));
        }
        // For every other address of the edition, wherever its root is on the host.
        for line in include_str!("../../deploy/_redirects").lines() {
            let words = line.split_whitespace();
            let words: Vec<_> = words.map(|word| self.site.base.path(word)).collect();
            let _ = writeln!(lines, "{}", words.join("  "));
        }
        self.output.put_bytes("_redirects", 0, lines.as_bytes())
    }

    // ---- One page ----------------------------------------------------------------------------

    fn list_page(&self, route: &Route, key: u64, feed: Feed) -> io::Result<()> {
        let text = for_script(&feed);
        self.page(route, key, None, Some((feed, &text)))
    }

    /// Writes a page of these documents; a list comes with its text, for many pages have the same.
    fn page(
        &self,
        route: &Route,
        key: u64,
        article: Option<Article>,
        feed: Option<(Feed, &str)>,
    ) -> io::Result<()> {
        let path = route.to_string();
        let (feed, feed_text) = feed.unzip();
        let article_text = article.as_ref().map(for_script);
        let documents = Carried::text(
            &for_script(&path),
            &self.site_text,
            article_text.as_deref(),
            feed_text,
        );
        let carried = Carried {
            path,
            site: (*self.site).clone(),
            article,
            feed,
        };
        let Some((screen, list)) = Screen::of_carried(carried) else {
            return Ok(());
        };
        let head = head(&screen);
        let page = self.shell.page(&head, &html(screen, list), &documents);
        self.output
            .put_bytes(&page_file(route), key, page.as_bytes())
    }
}

impl Latest {
    fn of(mut feed: Feed) -> Self {
        let newest = feed.slugs().cloned().collect();
        feed.items.truncate(LATEST);
        feed.next_url = None;
        let json = serde_json::to_vec(&feed).unwrap_or_default();
        Self {
            key: key(&[&json]),
            newest,
            text: for_script(&feed),
            feed,
        }
    }
}

/// The file that a server finds for a page's address.
fn page_file(route: &Route) -> String {
    format!("{}index.html", route.to_string().trim_start_matches('/'))
}

/// How far a run is, where somebody watches.
pub fn progress(length: usize, what: &str) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template(&format!("{{bar:40}} {{pos}}/{{len}} {what}, {{eta}} left"));
    let bar = ProgressBar::new(u64::try_from(length).unwrap_or(u64::MAX));
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
