//! An edition that is at an address: fetched document by document into a folder, from which it is then
//! printed like any other. What is fetched and when it is given up is decided here.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use url::Url;

use super::edition::article_file;
use super::http::{Client, Manners};
use super::output::{OWN, in_file, lock, remove, write};
use crate::content::{DOCUMENT_LIMIT, Decoded, Feed, Field, Site, decode};
use crate::route::{Front, Route, SITE};

/// The folder of the documents, in the press's own.
const FOLDER: &str = "edition";
/// What each document was called by its server (RFC 9110, section 8.8.3), beside them.
const TAGS: &str = "edition-tags.json";

/// The backend at `api`, and what has come from it.
struct Mirror<'a> {
    client: Client,
    api: &'a Url,
    folder: PathBuf,
    before: BTreeMap<String, String>,
    now: Mutex<BTreeMap<String, String>>,
}

/// Fetches the edition at `api` into the press's own folder in `dist`, and returns where it is. What
/// has not changed since the last time is not sent again (RFC 9110, section 13). Documents that the
/// backend no longer has go. On the first failure that is not a single document's absence, the run is
/// given up: what is published stays.
pub fn mirror(api: &Url, dist: &Path, manners: Manners) -> io::Result<PathBuf> {
    let _lock = lock(dist)?;
    let own = dist.join(OWN);
    let tags = own.join(TAGS);
    let folder = own.join(FOLDER);
    let mut api = api.clone();
    if !api.path().ends_with('/') {
        api.set_path(&format!("{}/", api.path()));
    }
    let mirror = Mirror {
        client: Client::new(&api, manners),
        api: &api,
        folder,
        before: fs::read(&tags)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default(),
        now: Mutex::default(),
    };
    let done = mirror.run();
    let mut known = mirror
        .now
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    if done.is_ok() {
        remove_others(&mirror.folder, &mirror.folder, &known)?;
    } else {
        // What was not asked for is as it was.
        for (file, tag) in mirror.before {
            known.entry(file).or_insert(tag);
        }
    }
    let json = serde_json::to_vec(&known).map_err(io::Error::other)?;
    write(&tags, &json)?;
    done.map(|()| mirror.folder)
}

impl Mirror<'_> {
    fn run(&self) -> io::Result<()> {
        let site = self.must(SITE, Site::read)?;
        let sections = site.sections.into_iter();
        let fronts: Vec<_> = std::iter::once(Front::Home)
            .chain(sections.map(|section| Front::Section(section.slug)))
            .collect();
        let mut slugs = BTreeSet::new();
        for found in self.client.each(&fronts, |front| self.list(front)) {
            slugs.extend(found?);
        }
        let mut files: Vec<_> = slugs.into_iter().map(|slug| article_file(&slug)).collect();
        files.push("redirects.json".to_owned());
        for fetched in self.client.each(&files, |file| self.fetch(file)) {
            fetched?;
        }
        Ok(())
    }

    /// A list with all its archive pages. Returns the articles of the edition that it names.
    fn list(&self, front: &Front) -> io::Result<BTreeSet<String>> {
        let mut slugs = BTreeSet::new();
        let mut route = Some(Route::Front(front.clone()));
        let mut seen = BTreeSet::new();
        while let Some(page) = route {
            let file = page.document();
            // A list that comes back to a page has ended.
            if !seen.insert(file.clone()) || !self.fetch(&file)? {
                break;
            }
            let feed = self.read(&file, Feed::read)?;
            slugs.extend(feed.slugs().map(ToString::to_string));
            route = feed.next_url.and_then(|next| page.archive(&next));
        }
        Ok(slugs)
    }

    /// A document without which there is no edition.
    fn must<T>(&self, file: &str, read: fn(&Field) -> Option<T>) -> io::Result<T> {
        if !self.fetch(file)? {
            return Err(self.trouble(file, "missing (404)"));
        }
        self.read(file, read)
    }

    fn read<T>(&self, file: &str, read: fn(&Field) -> Option<T>) -> io::Result<T> {
        let path = self.folder.join(file);
        let bytes = fs::read(&path).map_err(|error| in_file(&path, &error))?;
        let Decoded { value, faults, .. } = decode(&bytes, read);
        value.map_err(|_| {
            let fault = faults.iter().find(|fault| fault.fatal);
            let what = fault.map_or_else(|| "can't be read".to_owned(), ToString::to_string);
            self.trouble(file, &what)
        })
    }

    /// Brings a document up to date. False where the backend does not have it.
    fn fetch(&self, file: &str) -> io::Result<bool> {
        if self.lock().contains_key(file) {
            return Ok(true);
        }
        let url = self.api.join(file).map_err(io::Error::other)?;
        let path = self.folder.join(file);
        let tag = self
            .before
            .get(file)
            .filter(|tag| !tag.is_empty() && path.is_file());
        let headers: Vec<_> = tag
            .map(|tag| ("if-none-match", tag.as_str()))
            .into_iter()
            .collect();
        let answer = self
            .client
            .get(&url, &headers, DOCUMENT_LIMIT)
            .map_err(|failure| io::Error::other(format!("--api: {failure}")))?;
        match answer.status {
            304 => {
                self.note(file, tag.cloned().unwrap_or_default());
                Ok(true)
            }
            404 | 410 => Ok(false),
            status if !answer.is_ok() => Err(self.trouble(file, &format!("answers {status}"))),
            _ => {
                // A hotel's network says its own in the place of any document.
                if !answer.body.trim_ascii_start().starts_with(b"{") {
                    return Err(self.trouble(file, "is no JSON object"));
                }
                if fs::read(&path).ok().as_deref() != Some(&answer.body) {
                    write(&path, &answer.body)?;
                }
                self.note(file, answer.header("etag").unwrap_or_default().to_owned());
                Ok(true)
            }
        }
    }

    fn trouble(&self, file: &str, what: &str) -> io::Error {
        io::Error::other(format!(
            "--api: {}{file}: {what}; nothing was changed",
            self.api
        ))
    }

    fn note(&self, file: &str, tag: String) {
        self.lock().insert(file.to_owned(), tag);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, String>> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes away what the backend no longer has.
fn remove_others(root: &Path, folder: &Path, known: &BTreeMap<String, String>) -> io::Result<()> {
    for entry in fs::read_dir(folder).map_err(|error| in_file(folder, &error))? {
        let path = entry?.path();
        if path.is_dir() {
            remove_others(root, &path, known)?;
            continue;
        }
        let name = path.strip_prefix(root).unwrap_or(&path);
        let name = name.to_string_lossy().replace('\\', "/");
        if !known.contains_key(&name) {
            remove(&path)?;
        }
    }
    Ok(())
}
