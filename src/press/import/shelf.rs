//! The edition's folder while it is written, or in a dry run only looked at.
//! What stands there already is left alone.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};

use crate::press::output::{self, Files, Output};

/// The folder.
#[derive(Debug)]
pub enum Shelf {
    /// It is written.
    Real(Output),
    /// It is compared with what would be written.
    Dry {
        /// Where it is.
        dir: PathBuf,
        /// What an earlier run wrote.
        before: Files,
        /// The files of this run, and whether they differ.
        now: Mutex<BTreeMap<String, bool>>,
    },
}

impl Shelf {
    /// The folder with what an earlier run wrote.
    pub fn open(dir: &Path, before: Files, dry: bool) -> io::Result<Self> {
        let before = output::recall(dir, before);
        if dry {
            return Ok(Self::Dry {
                dir: dir.to_owned(),
                before,
                now: Mutex::default(),
            });
        }
        Output::open(dir, before, false).map(Self::Real)
    }

    /// Whether nothing is written.
    pub fn is_dry(&self) -> bool {
        matches!(self, Self::Dry { .. })
    }

    /// Whether the file is there as it is made of what `key` stands for.
    pub fn is_current(&self, file: &str, key: u64) -> bool {
        match self {
            Self::Real(output) => output.is_current(file, key),
            Self::Dry { dir, before, .. } => before.get(file).is_some_and(|known| {
                known.key == key
                    && known.length > 0
                    && fs::metadata(dir.join(file)).is_ok_and(|now| now.len() == known.length)
            }),
        }
    }

    /// Keeps a file as it is, if there is one.
    pub fn keep(&self, file: &str) {
        match self {
            Self::Real(output) => output.keep(file),
            Self::Dry { now, .. } => {
                now.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .insert(file.to_owned(), false);
            }
        }
    }

    /// Writes a file, unless it has these bytes already.
    pub fn put(&self, file: &str, key: u64, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Real(output) => output.put_bytes(file, key, bytes),
            Self::Dry { dir, now, .. } => {
                let differs = fs::read(dir.join(file)).map_or(true, |old| old != bytes);
                now.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .insert(file.to_owned(), differs);
                Ok(())
            }
        }
    }

    /// Takes away what is no longer there. Returns the files that are, and how many were written, left
    /// alone and taken away.
    pub fn close(self) -> io::Result<(Files, [u64; 3])> {
        match self {
            Self::Real(output) => {
                let (files, pages, others) = output.close()?;
                let sum = |of: fn(&output::Counts) -> &std::sync::atomic::AtomicU64| {
                    of(&pages).load(Ordering::Relaxed) + of(&others).load(Ordering::Relaxed)
                };
                let counts = [
                    sum(|c| &c.written),
                    sum(|c| &c.unchanged),
                    sum(|c| &c.removed),
                ];
                Ok((files, counts))
            }
            Self::Dry { before, now, .. } => {
                let now = now.into_inner().unwrap_or_else(PoisonError::into_inner);
                let count = |differs: bool| now.values().filter(|is| **is == differs).count();
                let gone = before
                    .keys()
                    .filter(|file| !now.contains_key(*file))
                    .count();
                let counts =
                    [count(true), count(false), gone].map(|n| u64::try_from(n).unwrap_or(u64::MAX));
                Ok((before, counts))
            }
        }
    }
}

/// Says that all of a run is done and kept.
pub fn finish(dir: &Path) -> io::Result<()> {
    output::end(dir)
}
