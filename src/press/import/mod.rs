//! From a newsroom's CMS to an edition on the disk: what is new there is fetched, made into the
//! contract's documents and written where it differs.
//
// A source (`wordpress`, `feeds`) brings the store up to date; `media` fetches what the texts show;
// `compose` writes the edition of it. Nothing of the edition is touched before all is fetched.

mod addresses;
pub mod body;
mod compose;
mod config;
mod feeds;
mod media;
mod pictures;
mod post;
mod related;
mod report;
mod shelf;
mod store;
pub mod text;
mod web;
mod wordpress;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use url::Url;

use super::http::{Client, Manners};
use super::output::{OWN, lock};
pub use config::{Chosen, Config};
pub use report::Summary;

use post::Post;
use report::Log;
use shelf::Shelf;
use store::Store;

/// What kind of source an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// A WordPress with its REST interface.
    #[value(name = "wordpress")]
    WordPress,
    /// A JSON Feed (jsonfeed.org/version/1.1) with whole texts.
    #[value(name = "jsonfeed")]
    JsonFeed,
    /// RSS or Atom with whole texts.
    Rss,
}

/// What to import.
#[derive(Clone, Debug)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command"
)]
pub struct Options {
    /// What is at the address.
    pub kind: Kind,
    /// The site, or the feed.
    pub url: Url,
    /// The edition's folder.
    pub out: PathBuf,
    /// What the newsroom decides.
    pub config: Config,
    /// Whether pictures are fetched and made anew in the widths that the pages use.
    pub media: bool,
    /// Whether texts get French typography.
    pub typography: bool,
    /// Whether everything is fetched and written again.
    pub full: bool,
    /// Whether nothing is written.
    pub dry: bool,
    /// How many posts are asked for at once; at most 100.
    pub batch: usize,
    /// Which addresses may be connected to.
    pub manners: Manners,
}

impl Options {
    /// All of a source's posts into a folder.
    #[must_use]
    pub fn new(kind: Kind, url: Url, out: impl Into<PathBuf>) -> Self {
        Self {
            kind,
            url,
            out: out.into(),
            config: Config::default(),
            media: false,
            typography: true,
            full: false,
            dry: false,
            batch: 20,
            manners: Manners::default(),
        }
    }
}

/// A run's view of the source.
struct Visit<'a> {
    client: &'a Client,
    url: &'a Url,
    full: bool,
    batch: usize,
    typography: bool,
    media: bool,
    stop: &'a AtomicBool,
    log: &'a Log,
    fetched: AtomicUsize,
}

/// Imports what is new since the last time. An error only where nothing could be done: then the edition
/// is as it was, and the next run goes on from what was fetched. When `stop` becomes true, the run is
/// given up at the next request.
pub fn import(options: &Options, stop: &AtomicBool) -> io::Result<Summary> {
    let start = Instant::now();
    let out = &options.out;
    may_be_written(out)?;
    let _lock = if options.dry {
        None
    } else {
        fs::create_dir_all(out.join(OWN).join(store::FOLDER)).map_err(|error| {
            io::Error::new(error.kind(), format!("--out {}: {error}", out.display()))
        })?;
        Some(lock(out)?)
    };
    let mut store = Store::open(out, options.dry)?;
    let source = format!("{} {}", options.kind.name(), options.url);
    let holds = &mut store.addresses.source;
    if holds.is_empty() {
        holds.clone_from(&source);
    } else if *holds != source {
        let what = format!("holds the edition of {holds}; give this one a folder of its own");
        return Err(io::Error::other(format!("--out {}: {what}", out.display())));
    }
    let log = Log::default();
    let client = Client::new(&options.url, options.manners.clone());
    let visit = Visit {
        client: &client,
        url: &options.url,
        full: options.full,
        batch: options.batch,
        typography: options.typography,
        media: options.media,
        stop,
        log: &log,
        fetched: AtomicUsize::new(0),
    };
    match options.kind {
        Kind::WordPress => wordpress::sync(&visit, &mut store)?,
        Kind::JsonFeed => feeds::sync_json(&visit, &mut store)?,
        Kind::Rss => feeds::sync_xml(&visit, &mut store)?,
    }
    // What can't be made is known before anything is touched.
    let sections = config::sections(&options.config, &store.state.terms, options.typography)?;
    let shelf = Shelf::open(out, std::mem::take(&mut store.state.files), options.dry)?;
    let made = compose::compose(&visit, &mut store, &options.config, &sections, &shelf)?;
    let (files, counts) = shelf.close()?;
    store.state.files = files;
    store.save_addresses()?;
    store.close()?;
    let (notes, mut faults) = log.take();
    faults.extend(made.faults);
    let summary = Summary {
        source,
        dry: options.dry,
        posts: store.state.posts.len(),
        articles: made.articles,
        fetched: visit.fetched.into_inner(),
        withdrawn: made.withdrawn,
        moved: made.moved,
        written: counts[0],
        unchanged: counts[1],
        removed: counts[2],
        requests: client.requests(),
        seconds: start.elapsed().as_secs_f64(),
        dropped: made.dropped,
        converted: made.converted,
        notes: notes.into_iter().chain(made.notes).collect(),
        faults,
    };
    if !options.dry {
        let report = serde_json::to_vec_pretty(&summary).map_err(io::Error::other)?;
        store::replace(
            &out.join(OWN).join(store::FOLDER).join("report.json"),
            &report,
        )?;
        shelf::finish(out)?;
    }
    Ok(summary)
}

impl Kind {
    /// As the command names it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::WordPress => "wordpress",
            Self::JsonFeed => "jsonfeed",
            Self::Rss => "rss",
        }
    }
}

/// Refuses a folder in which something else is: an import takes away what is no longer in the edition.
fn may_be_written(out: &Path) -> io::Result<()> {
    let refuse = |what: &str| Err(io::Error::other(format!("--out {}: {what}", out.display())));
    // However it is spelt, where it is there.
    let found = fs::canonicalize(out);
    let out = found.as_deref().unwrap_or(out);
    let app = |folder: &Path| folder.join("index.html").exists();
    let inside = out.file_name().is_some_and(|name| name == "api") && out.parent().is_some_and(app);
    if app(out) || inside {
        return refuse(
            "belongs to a built app; give the edition a folder of its own, and its name to `prerender --api`",
        );
    }
    if out.join(OWN).join(store::FOLDER).is_dir() {
        return Ok(());
    }
    match fs::read_dir(out).map(|mut entries| entries.next().is_some()) {
        Ok(true) => refuse("is not empty, and no edition that was imported"),
        Ok(false) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => refuse(&error.to_string()),
    }
}

/// How many articles may go at once before that is taken for a mistake of the source's.
const MANY: usize = 10;

impl Visit<'_> {
    /// An error where the run is to be given up.
    fn stopped(&self) -> io::Result<()> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(io::Error::new(
                io::ErrorKind::Interrupted,
                "stopped; the edition is as it was, and the next run goes on from here",
            ));
        }
        Ok(())
    }

    /// Takes away what is not listed. A list that lacks most of what was there is not believed.
    fn withdraw<T>(&self, store: &mut Store, listed: &BTreeMap<String, T>) -> io::Result<()> {
        let known = store.state.posts.len();
        let gone = store
            .state
            .posts
            .keys()
            .filter(|id| !listed.contains_key(*id));
        let gone: Vec<String> = gone.cloned().collect();
        let most = gone.len() == known || (gone.len() > MANY && gone.len() > known / 2);
        if most && known > 0 && !self.full {
            return Err(io::Error::other(format!(
                "{}: lists {} of the {known} posts that it had; nothing was changed (--full believes it)",
                self.url,
                known - gone.len(),
            )));
        }
        for id in gone {
            store.withdraw(&id);
        }
        Ok(())
    }
}

/// From this length on, in bytes of HTML, it is tried whether a post makes a document that is not too
/// large.
const LONG: usize = 400_000;

/// Takes a post that was fetched, if an article can be made of it.
fn admit(visit: &Visit<'_>, store: &mut Store, post: Post) -> io::Result<()> {
    visit.fetched.fetch_add(1, Ordering::Relaxed);
    let refused = if post.barred {
        Some("is protected by a password".to_owned())
    } else if post
        .title
        .line(false)
        .or_else(|| post.summary.as_ref()?.line(false))
        .is_none()
    {
        Some("has no title".to_owned())
    } else if post.body.len() > LONG && compose::is_too_long(visit, &post) {
        Some("is too long: its document would be over 2 MiB".to_owned())
    } else {
        None
    };
    store.take(post, refused, visit.full)
}
