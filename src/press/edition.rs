//! An edition's documents on the disk: which there are, which have changed since an earlier run,
//! and every fault in them, whether it was met now or then.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::check::{FileFault, json_files, read_limited};
use super::memory::{Document, Stamp, key};
use crate::content::{Decoded, Field, decode};

/// The documents in a folder.
#[derive(Debug)]
pub struct Edition {
    dir: PathBuf,
    /// The same documents as they were last published, where that is another folder.
    published: Option<PathBuf>,
    before: BTreeMap<String, Document>,
    began: u64,
    now: Mutex<BTreeMap<String, Document>>,
}

/// A document that was read.
#[derive(Debug)]
pub struct Read<T> {
    /// What it holds.
    pub value: T,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The bytes in a number.
    pub hash: u64,
    /// How many faults cost it something.
    pub faults: usize,
}

/// What no file looks like: the document is read again the next time.
const NEVER: Stamp = Stamp {
    written: u64::MAX,
    length: 0,
};

impl Edition {
    /// The documents in `dir`, of which `before` is known from a run that began at `began`.
    pub fn new(
        dir: PathBuf,
        published: Option<PathBuf>,
        before: BTreeMap<String, Document>,
        began: u64,
    ) -> Self {
        Self {
            dir,
            published,
            before,
            began,
            now: Mutex::default(),
        }
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The JSON files in a folder of the edition, sorted by name, without their ending.
    pub fn names(&self, folder: &str) -> io::Result<Vec<String>> {
        json_files(&self.dir, folder)
    }

    /// What the document holds, in a number, where it is as it was when it was last read. Its faults
    /// of then are its faults now.
    pub fn unchanged(&self, file: &str) -> Option<u64> {
        let known = self.before.get(file)?;
        let stamp = Stamp::of(&self.dir.join(file))?;
        if stamp != known.stamp || stamp.is_too_young(self.began) {
            return None;
        }
        self.note(file, known.clone());
        Some(known.hash)
    }

    /// The document, or where it can't be read the one that was published in its place. None where
    /// there is neither.
    pub fn read<T>(&self, file: &str, read: fn(&Field) -> Option<T>) -> Option<Read<T>> {
        let path = self.dir.join(file);
        // Looked at first: what is written between the two looks is read again the next time.
        let stamp = Stamp::of(&path);
        let bytes = match read_limited(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                let what = match error.kind() {
                    io::ErrorKind::NotFound => "missing".to_owned(),
                    _ => format!("can't be read: {error}"),
                };
                self.fault(file, "", &what);
                return self.published(file, read);
            }
        };
        let hash = key(&[&bytes]);
        let Decoded { value, faults, .. } = decode(&bytes, read);
        let count = faults.len();
        let faults = faults.into_iter().map(|fault| (fault.member, fault.what));
        let document = Document {
            stamp: stamp.unwrap_or(NEVER),
            hash,
            faults: faults.collect(),
        };
        self.note(file, document);
        match value {
            Ok(value) => Some(Read {
                value,
                bytes,
                hash,
                faults: count,
            }),
            Err(_) => self.published(file, read),
        }
    }

    /// The document as it was last published.
    pub fn published<T>(&self, file: &str, read: fn(&Field) -> Option<T>) -> Option<Read<T>> {
        let bytes = read_limited(&self.published.as_ref()?.join(file)).ok()?;
        let Decoded { value, faults, .. } = decode(&bytes, read);
        Some(Read {
            value: value.ok()?,
            hash: key(&[&bytes]),
            bytes,
            faults: faults.len(),
        })
    }

    /// Names a fault that only shows between documents.
    pub fn fault(&self, file: &str, member: &str, what: &str) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let document = now.entry(file.to_owned()).or_insert(Document {
            stamp: NEVER,
            hash: 0,
            faults: Vec::new(),
        });
        document.faults.push((member.to_owned(), what.to_owned()));
    }

    fn note(&self, file: &str, document: Document) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        now.insert(file.to_owned(), document);
    }

    /// What is to be remembered of the documents.
    pub fn close(self) -> BTreeMap<String, Document> {
        self.now
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// An article's document, by the name of its file.
pub fn article_file(name: &str) -> String {
    format!("articles/{name}.json")
}

/// The faults of documents, in the order of their files.
pub fn faults(documents: &BTreeMap<String, Document>) -> Vec<FileFault> {
    let of = |(file, document): (&String, &Document)| {
        let file = file.clone();
        let faults = document.faults.clone().into_iter();
        faults
            .map(move |(member, what)| FileFault {
                file: file.clone(),
                member,
                what,
            })
            .collect::<Vec<_>>()
    };
    documents.iter().flat_map(of).collect()
}
