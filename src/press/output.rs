//! Files written so that a reader finds each either old or new, never half: beside, then renamed.
//! Remembers what was written, so that the next run can take away what is no longer there.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Where the list of written files is, below the folder; nginx.conf gives no dot files out.
const MEMORY: &str = ".manchette/written";

/// A folder that is being written.
#[derive(Debug)]
pub struct Output {
    dir: PathBuf,
    before: BTreeSet<String>,
    now: Mutex<BTreeSet<String>>,
    counts: Counts,
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
    /// Bytes of all files that are there now.
    pub bytes: AtomicU64,
}

impl Output {
    /// Begins with what an earlier run wrote to the folder.
    pub fn open(dir: &Path) -> io::Result<Self> {
        let before = match fs::read_to_string(dir.join(MEMORY)) {
            Ok(text) => text.lines().map(str::to_owned).collect(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeSet::new(),
            Err(error) => return Err(in_file(&dir.join(MEMORY), &error)),
        };
        Ok(Self {
            dir: dir.to_owned(),
            before,
            now: Mutex::default(),
            counts: Counts::default(),
        })
    }

    /// Whether an earlier run wrote this file.
    pub fn wrote(&self, file: &str) -> bool {
        self.before.contains(file)
    }

    /// The files of earlier runs that `is` holds for.
    pub fn written_before(&self, is: impl Fn(&str) -> bool) -> BTreeSet<String> {
        let files = self.before.iter().filter(|file| is(file));
        files.cloned().collect()
    }

    /// Writes a file, if it is not as it should be already.
    pub fn put(&self, file: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.dir.join(file);
        self.keep(file);
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.counts.bytes.fetch_add(length, Ordering::Relaxed);
        if fs::read(&path).is_ok_and(|old| old == bytes) {
            self.counts.unchanged.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        }
        write_whole(&path, bytes).map_err(|error| in_file(&path, &error))?;
        self.counts.written.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Keeps a file of an earlier run as it is.
    pub fn keep(&self, file: &str) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        now.insert(file.to_owned());
    }

    /// Takes away what earlier runs wrote and this one did not, and remembers what is there.
    pub fn close(self) -> io::Result<Counts> {
        let now = self
            .now
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        for gone in self.before.difference(&now) {
            let path = self.dir.join(gone);
            match fs::remove_file(&path) {
                Ok(()) => {
                    self.counts.removed.fetch_add(1, Ordering::Relaxed);
                    remove_empty_folders(&self.dir, &path);
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(in_file(&path, &error)),
            }
        }
        if now != self.before {
            let mut text = String::new();
            for file in &now {
                text.push_str(file);
                text.push('\n');
            }
            let memory = self.dir.join(MEMORY);
            write_whole(&memory, text.as_bytes()).map_err(|error| in_file(&memory, &error))?;
        }
        Ok(self.counts)
    }
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut beside = tempfile::NamedTempFile::new_in(folder)?;
    beside.write_all(bytes)?;
    // A temporary file is its owner's alone; a page is everyone's to read.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(beside.path(), fs::Permissions::from_mode(0o644))?;
    }
    beside.persist(path)?;
    Ok(())
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

fn in_file(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
