//! Files written so that a reader finds each either old or new, never half: beside, then renamed.
//! Knows what earlier runs wrote, so that what is still right is left alone and what is gone goes.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::pack;

/// The folder below the site in which a run keeps what the next one must know. It begins with a
/// dot: nginx.conf gives no such file out.
pub const OWN: &str = ".manchette";

/// A file as it was written.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Written {
    /// What it was made of, in a number: as long as that stays the same, so does the file.
    pub key: u64,
    /// Its length in bytes; none where it is not known.
    pub length: u64,
    /// Whether its compressed forms lie beside it.
    pub packed: bool,
}

/// The files of a site by their path below its folder.
pub type Files = BTreeMap<String, Written>;

/// A folder that is being written.
#[derive(Debug)]
pub struct Output {
    dir: PathBuf,
    pack: bool,
    before: Files,
    now: Mutex<Files>,
    /// The names of the files that this run touches, noted before it does: where it breaks off, the
    /// next one knows whose they are, and that what stands there is not what was remembered.
    journal: Mutex<fs::File>,
    next: AtomicU64,
    pages: Counts,
    others: Counts,
}

/// What was done.
#[derive(Debug, Default)]
pub struct Counts {
    /// Files whose bytes are new.
    pub written: AtomicU64,
    /// Files that were already as they should be.
    pub unchanged: AtomicU64,
    /// Files that are no longer there.
    pub removed: AtomicU64,
    /// Bytes of all files that are there now, uncompressed.
    pub bytes: AtomicU64,
}

/// What earlier runs wrote to a folder: `files` is what the last remembers that came to its end. Those
/// that broke off since then have touched what the journal names, and nobody knows what stands there:
/// the old, the new, or what was made of an edition that is gone again.
pub fn recall(dir: &Path, mut files: Files) -> Files {
    let names = fs::read(dir.join(OWN).join("journal")).unwrap_or_default();
    let names = String::from_utf8_lossy(&names[..whole_lines(&names)]);
    for name in names.lines() {
        let file = files.entry(name.to_owned()).or_insert(Written {
            key: 0,
            length: 0,
            packed: false,
        });
        file.length = 0;
    }
    files
}

/// The length of a journal without a line that was cut: that file was not touched yet.
fn whole_lines(journal: &[u8]) -> usize {
    let last = journal.iter().rposition(|byte| *byte == b'\n');
    last.map_or(0, |at| at + 1)
}

impl Output {
    /// Begins with what earlier runs wrote to the folder, as `recall` has it; `pack` puts compressed
    /// forms beside.
    pub fn open(dir: &Path, before: Files, pack: bool) -> io::Result<Self> {
        let own = dir.join(OWN);
        let beside = own.join("beside");
        // What a run that broke off left half done.
        match fs::remove_dir_all(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(in_file(&beside, &error));
            }
            _ => {}
        }
        fs::create_dir_all(&beside).map_err(|error| in_file(&beside, &error))?;
        let path = own.join("journal");
        let whole = whole_lines(&fs::read(&path).unwrap_or_default());
        let journal = fs::File::options()
            .append(true)
            .create(true)
            .open(&path)
            .and_then(|journal| {
                journal.set_len(u64::try_from(whole).unwrap_or(0))?;
                Ok(journal)
            })
            .map_err(|error| in_file(&path, &error))?;
        Ok(Self {
            dir: dir.to_owned(),
            pack,
            before,
            now: Mutex::default(),
            journal: Mutex::new(journal),
            next: AtomicU64::new(0),
            pages: Counts::default(),
            others: Counts::default(),
        })
    }

    /// Whether an earlier run wrote this file.
    pub fn wrote(&self, file: &str) -> bool {
        self.before.contains_key(file)
    }

    /// Whether the file is there as it is made of what `key` stands for.
    pub fn is_current(&self, file: &str, key: u64) -> bool {
        self.before.get(file).is_some_and(|known| {
            known.key == key
                && known.length > 0
                && known.packed == (self.pack && pack::pays(file))
                && fs::metadata(self.dir.join(file)).is_ok_and(|now| now.len() == known.length)
        })
    }

    /// Whether this run has the file.
    pub fn has(&self, file: &str) -> bool {
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        now.contains_key(file)
    }

    /// Keeps a file of an earlier run as it is, if there is one.
    pub fn keep(&self, file: &str) {
        let Some(known) = self.before.get(file) else {
            return;
        };
        let counts = self.counts(file);
        if self.note(file, *known) {
            counts.unchanged.fetch_add(1, Ordering::Relaxed);
            counts.bytes.fetch_add(known.length, Ordering::Relaxed);
        }
    }

    /// Makes and writes a file, unless it is there as it should be.
    pub fn put(
        &self,
        file: &str,
        key: u64,
        make: impl FnOnce() -> io::Result<Vec<u8>>,
    ) -> io::Result<()> {
        if self.is_current(file, key) {
            self.keep(file);
            return Ok(());
        }
        self.put_bytes(file, key, &make()?)
    }

    /// Writes a file, unless it has these bytes already.
    pub fn put_bytes(&self, file: &str, key: u64, bytes: &[u8]) -> io::Result<()> {
        let path = self.dir.join(file);
        let written = Written {
            key,
            length: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            packed: self.pack && pack::pays(file),
        };
        let counts = self.counts(file);
        if !self.note(file, written) {
            return Ok(());
        }
        counts.bytes.fetch_add(written.length, Ordering::Relaxed);
        let new = !self.wrote(file);
        // Most pages have a folder of their own: where that has just been made, nothing is in it.
        let folder = path.parent().filter(|_| new);
        let alone = folder.is_some_and(|folder| fs::create_dir(folder).is_ok());
        let same = !alone && fs::read(&path).is_ok_and(|old| old == bytes);
        let packed = !written.packed || pack::is_there(&path);
        if same && packed {
            counts.unchanged.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        }
        self.touch(file)?;
        if alone {
            self.write_whole(&path, bytes)
                .map_err(|error| in_file(&path, &error))?;
        } else if !same {
            // Never an old compressed form beside a new page.
            pack::remove(&path)?;
            self.write_whole(&path, bytes)
                .map_err(|error| in_file(&path, &error))?;
        }
        if written.packed {
            for (ending, bytes) in pack::forms(bytes)? {
                let beside = pack::beside(&path, ending);
                self.write_whole(&beside, &bytes)
                    .map_err(|error| in_file(&beside, &error))?;
            }
        }
        counts.written.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Notes in the journal that a file, or what lies beside it, is about to be something else.
    fn touch(&self, file: &str) -> io::Result<()> {
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        // In one piece, as far as that is in our hands.
        journal.write_all(format!("{file}\n").as_bytes())
    }

    /// Takes the compressed forms of a file away that is not this run's.
    pub fn unpack(&self, file: &str) -> io::Result<()> {
        self.touch(file)?;
        pack::remove(&self.dir.join(file))
    }

    /// Notes a file of this run. False where it was noted before: two sources of one file.
    fn note(&self, file: &str, written: Written) -> bool {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        now.insert(file.to_owned(), written).is_none()
    }

    fn counts(&self, file: &str) -> &Counts {
        if file.ends_with("index.html") {
            &self.pages
        } else {
            &self.others
        }
    }

    fn write_whole(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let beside = self.dir.join(OWN).join("beside").join(number.to_string());
        fs::write(&beside, bytes)?;
        // Mostly the folder is there.
        if fs::rename(&beside, path).is_ok() {
            return Ok(());
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::rename(&beside, path)
    }

    /// Takes away what earlier runs wrote and this one did not. Returns what is there now, and the
    /// counts of pages and of other files.
    pub fn close(self) -> io::Result<(Files, Counts, Counts)> {
        let now = std::mem::take(&mut *self.now.lock().unwrap_or_else(PoisonError::into_inner));
        for gone in self.before.keys().filter(|file| !now.contains_key(*file)) {
            let path = self.dir.join(gone);
            self.touch(gone)?;
            pack::remove(&path)?;
            if remove(&path)? {
                self.counts(gone).removed.fetch_add(1, Ordering::Relaxed);
                remove_empty_folders(&self.dir, &path);
            }
        }
        Ok((now, self.pages, self.others))
    }
}

/// Says that all of a run is done: `memory` is what the next one must know.
pub fn finish(dir: &Path, memory: &[u8]) -> io::Result<()> {
    let own = dir.join(OWN);
    let file = own.join("memory");
    if fs::read(&file).is_ok_and(|old| old == memory) {
        return end_journal(&own);
    }
    let beside = own.join("beside").join("memory");
    fs::write(&beside, memory)
        .and_then(|()| fs::rename(&beside, &file))
        .map_err(|error| in_file(&file, &error))?;
    end_journal(&own)
}

/// Says that all of a run is done, where what the next one must know is kept elsewhere.
pub fn end(dir: &Path) -> io::Result<()> {
    end_journal(&dir.join(OWN))
}

fn end_journal(own: &Path) -> io::Result<()> {
    fs::remove_file(own.join("journal"))?;
    fs::remove_dir_all(own.join("beside"))
}

fn remove_empty_folders(dir: &Path, file: &Path) {
    let mut folder = file.parent();
    while let Some(path) = folder.filter(|path| *path != dir) {
        // Refused where something is left in it.
        if fs::remove_dir(path).is_err() {
            return;
        }
        folder = path.parent();
    }
}

/// Takes a file away, if it is there. Returns whether it was.
pub fn remove(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(in_file(path, &error)),
    }
}

/// Writes a file that no reader asks for yet, and the folders that it is in.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
    folder
        .and_then(|()| fs::write(path, bytes))
        .map_err(|error| in_file(path, &error))
}

/// One run at a time in the folder of a built app, for as long as the file is open.
pub fn lock(dist: &Path) -> io::Result<fs::File> {
    if !dist.is_dir() {
        let what = "no such folder: `make build` makes it";
        return Err(io::Error::other(format!("{}: {what}", dist.display())));
    }
    let path = dist.join(OWN).join("lock");
    write(&path, b"")?;
    let file = fs::File::open(&path).map_err(|error| in_file(&path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(io::Error::other(format!(
            "{}: another run is at work here",
            dist.display()
        ))),
        Err(fs::TryLockError::Error(error)) => Err(in_file(&path, &error)),
    }
}

/// An error that names its file.
pub fn in_file(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "politique/index.html";

    fn open(dir: &Path, remembered: &Files) -> Output {
        let before = recall(dir, remembered.clone());
        Output::open(dir, before, true).expect("a folder")
    }

    /// A folder with one page in it, and what is remembered of that.
    fn printed() -> (tempfile::TempDir, Files) {
        let folder = tempfile::tempdir().expect("a folder");
        let run = open(folder.path(), &Files::new());
        run.put_bytes(PAGE, 1, &page(b'a')).expect("written");
        let (files, ..) = run.close().expect("an end");
        end(folder.path()).expect("an end");
        (folder, files)
    }

    /// Pages of the same length, long enough to be compressed.
    fn page(letter: u8) -> Vec<u8> {
        vec![letter; 1000]
    }

    #[test]
    fn what_a_run_that_broke_off_wrote_is_written_again() {
        let (folder, files) = printed();
        assert!(open(folder.path(), &files).is_current(PAGE, 1));
        let killed = open(folder.path(), &files);
        killed.put_bytes(PAGE, 2, &page(b'b')).expect("written");
        drop(killed);
        // What it was made of is again what it was.
        let next = open(folder.path(), &files);
        assert!(!next.is_current(PAGE, 1));
        next.put(PAGE, 1, || Ok(page(b'a'))).expect("written");
        assert_eq!(fs::read(folder.path().join(PAGE)).ok(), Some(page(b'a')));
    }

    #[test]
    fn what_a_run_that_broke_off_took_away_is_there_again() {
        let (folder, files) = printed();
        let path = folder.path().join(PAGE);
        // It is in the way of what is to be taken away after the compressed forms.
        fs::remove_file(&path).expect("the page");
        fs::create_dir(&path).expect("a folder in its place");
        assert!(open(folder.path(), &files).close().is_err());
        fs::remove_dir(&path).expect("the folder");
        fs::write(&path, page(b'a')).expect("the page");
        assert!(!pack::is_there(&path));
        let next = open(folder.path(), &files);
        next.put(PAGE, 1, || Ok(page(b'a'))).expect("written");
        assert!(pack::is_there(&path));
    }

    #[test]
    fn a_line_of_the_journal_that_was_cut_is_no_name() {
        let (folder, files) = printed();
        let journal = folder.path().join(OWN).join("journal");
        write(&journal, b"politique/rss.xml\npolitiqu\xc3").expect("a journal");
        let known = |names: &[&str]| {
            let found = recall(folder.path(), files.clone());
            assert!(found.keys().eq(names), "{found:?}");
        };
        known(&[PAGE, "politique/rss.xml"]);
        let run = open(folder.path(), &files);
        run.put_bytes("rss.xml", 1, b"x").expect("written");
        drop(run);
        known(&[PAGE, "politique/rss.xml", "rss.xml"]);
    }
}
