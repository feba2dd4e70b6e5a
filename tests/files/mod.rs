//! The files of a site or an edition before and after a run, for tests that compare them.
//! What a run keeps for the next one (`.manchette`) is left out.
#![allow(dead_code, reason = "each test that uses it takes what it needs")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Files by their path below the folder, with their bytes.
pub type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Every file in `dir`.
pub fn files(dir: &Path) -> Files {
    let mut files = Files::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.ends_with(".manchette") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(&path).expect("a file");
                let path = path.strip_prefix(dir).expect("below");
                files.insert(path.to_owned(), bytes);
            }
        }
    }
    files
}

/// The files whose bytes differ, and those that only one of the two has.
pub fn differences(before: &Files, after: &Files) -> BTreeSet<String> {
    let all = before.keys().chain(after.keys());
    all.filter(|path| before.get(*path) != after.get(*path))
        .map(|path| path.display().to_string())
        .collect()
}
