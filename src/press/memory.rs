//! What a run leaves for the next one, so that it reads and writes only what has changed: the
//! documents as they were read, the articles as lists have them, the files as they were written.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use super::output::{Files, OWN};
use crate::content::{Date, Slug};

/// Everything that is remembered. In the form of postcard, after the number of who wrote it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Memory {
    /// When the run began, in nanoseconds since 1970.
    pub began: u64,
    /// The documents by their place in the edition.
    pub documents: BTreeMap<String, Document>,
    /// The articles that have a page.
    pub articles: BTreeMap<Slug, Listed>,
    /// The articles in each list that stands beside an article, by the list's key.
    pub beside: BTreeMap<u64, Vec<Slug>>,
    /// The assets of the last builds, newest first.
    pub builds: Vec<Vec<String>>,
    /// The files of the site.
    pub files: Files,
}

/// A document as it was when it was last read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Document {
    /// How the file looked.
    pub stamp: Stamp,
    /// What it held, in a number.
    pub hash: u64,
    /// Its faults: the member, and what is wrong with it.
    pub faults: Vec<(String, String)>,
}

/// How a file looks without being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// When it was written, in nanoseconds since 1970.
    pub written: u64,
    /// Its length in bytes.
    pub length: u64,
}

/// An article, as far as lists and sitemaps need it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Listed {
    /// What the document that its page shows holds, in a number.
    pub hash: u64,
    /// How many faults that document has.
    pub faults: usize,
    /// The list that stands beside it, by its key.
    pub beside: u64,
    /// Slug of its section.
    pub section: Slug,
    /// Its headline.
    pub headline: String,
    /// When it was first published, as it is written.
    pub published: Option<String>,
    /// The same in seconds since 1970.
    pub seconds: Option<i64>,
    /// When it was last changed, as it is written.
    pub modified: Option<String>,
    /// What it is listed under besides its section.
    pub names: Vec<Name>,
}

/// An author or a keyword with a list of its own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Name {
    /// Whether it is an author's.
    pub author: bool,
    /// In addresses.
    pub slug: Slug,
    /// As the article spells it.
    pub text: String,
}

impl Memory {
    /// What an earlier run of this very program left in a site's folder. Of what another program
    /// left only the files and builds count: it may have made other pages of the same documents.
    pub fn open(dir: &Path) -> Self {
        let bytes = fs::read(dir.join(OWN).join("memory")).unwrap_or_default();
        let Some((who, bytes)) = bytes.split_first_chunk::<8>() else {
            return Self::default();
        };
        let memory: Self = postcard::from_bytes(bytes).unwrap_or_default();
        if u64::from_le_bytes(*who) == program() {
            return memory;
        }
        Self {
            builds: memory.builds,
            files: memory.files,
            ..Self::default()
        }
    }

    /// As bytes, for `output::finish`.
    pub fn bytes(&self) -> std::io::Result<Vec<u8>> {
        let who = program().to_le_bytes().to_vec();
        postcard::to_extend(self, who).map_err(std::io::Error::other)
    }
}

impl Stamp {
    /// The file's, if it is there and is one.
    pub fn of(path: &Path) -> Option<Self> {
        let file = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
        let written = file.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(Self {
            written: u64::try_from(written.as_nanos()).ok()?,
            length: file.len(),
        })
    }

    /// Whether a file that looks like this may have been written again since, in a run that began
    /// then, and look the same: clocks of file systems tick some milliseconds, or whole seconds.
    pub fn is_too_young(self, began: u64) -> bool {
        let tick = match self.written % 1_000_000_000 {
            0 => 2_000_000_000,
            _ => 50_000_000,
        };
        self.written + tick > began
    }
}

impl Listed {
    /// When the article last changed, for a sitemap.
    pub fn last_change(&self) -> Option<&str> {
        self.modified.as_deref().or(self.published.as_deref())
    }
}

/// A date as it is remembered.
pub fn written(date: Option<&Date>) -> Option<String> {
    date.map(|date| date.as_str().to_owned())
}

/// Something in a number: the same for the same parts, another for others.
pub fn key(parts: &[&[u8]]) -> u64 {
    let mut hash = Xxh3::new();
    for part in parts {
        hash.update(&part.len().to_le_bytes());
        hash.update(part);
    }
    hash.digest()
}

/// Numbers in a number.
pub fn keys(parts: &[u64]) -> u64 {
    let mut hash = Xxh3::new();
    for part in parts {
        hash.update(&part.to_le_bytes());
    }
    hash.digest()
}

/// This program, in a number: a newer one may make other pages.
pub fn program() -> u64 {
    let file = std::env::current_exe().ok();
    let stamp = file.as_deref().and_then(Stamp::of);
    let (written, length) = stamp.map_or((0, 0), |stamp| (stamp.written, stamp.length));
    keys(&[
        written,
        length,
        key(&[env!("CARGO_PKG_VERSION").as_bytes()]),
    ])
}
