//! What an import tells: on the screen, and whole in `.manchette/import/report.json`.
//! What is odd is a note; what the source has and the edition lacks is a fault.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// How many lines of a kind are printed; all are in the file.
const LINES: usize = 20;

/// What is noticed on the way. A thing that is noticed often is told once.
#[derive(Debug, Default)]
pub struct Log {
    notes: Mutex<BTreeSet<String>>,
    faults: Mutex<BTreeSet<String>>,
}

impl Log {
    /// Something odd, which costs nothing or only itself.
    pub fn note(&self, what: &str) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.insert(what.to_owned());
    }

    /// Something that the edition lacks.
    pub fn fault(&self, what: String) {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        faults.insert(what);
    }

    /// All notes and all faults.
    pub fn take(&self) -> (Vec<String>, Vec<String>) {
        let take = |lines: &Mutex<BTreeSet<String>>| {
            let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *lines).into_iter().collect()
        };
        (take(&self.notes), take(&self.faults))
    }
}

/// What an import did.
#[derive(Debug, Default, Serialize)]
pub struct Summary {
    /// Kind and address of the source.
    pub source: String,
    /// Whether nothing was written.
    pub dry: bool,
    /// Posts that the source has.
    pub posts: usize,
    /// Articles of the edition.
    pub articles: usize,
    /// Posts that were fetched.
    pub fetched: usize,
    /// Articles that went.
    pub withdrawn: Vec<String>,
    /// Pages that moved: from where, to where.
    pub moved: Vec<(String, String)>,
    /// Files with new bytes, in a dry run those that would have them.
    pub written: u64,
    /// Files that were as they should be.
    pub unchanged: u64,
    /// Files that went.
    pub removed: u64,
    /// Requests that were sent.
    pub requests: u64,
    /// Seconds that it took.
    pub seconds: f64,
    /// What fell away from each article's text, by kind; only articles that lost something.
    pub dropped: BTreeMap<String, BTreeMap<String, u32>>,
    /// The articles whose text was made in this run.
    pub converted: BTreeSet<String>,
    /// What is odd.
    pub notes: Vec<String>,
    /// What the source has and the edition lacks.
    pub faults: Vec<String>,
}

impl Summary {
    /// For the screen: what was dropped, what is odd, and a last line with the counts.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        if self.written + self.removed == 0 && self.fetched == 0 {
            // From cron, every minute: the file has the rest.
            return self.line();
        }
        let dropped = self
            .dropped
            .iter()
            .filter(|(article, _)| self.converted.contains(*article));
        let dropped: Vec<_> = dropped.collect();
        for (from, to) in self.moved.iter().take(LINES) {
            let _ = writeln!(text, "moved: {from} now leads to {to}");
        }
        for page in self.withdrawn.iter().take(LINES) {
            let _ = writeln!(text, "withdrawn: {page}");
        }
        for (article, dropped) in dropped.iter().take(LINES) {
            let kinds: Vec<_> = dropped
                .iter()
                .map(|(kind, n)| format!("{n} × {kind}"))
                .collect();
            let _ = writeln!(text, "dropped from {article}: {}", kinds.join(", "));
        }
        for note in self.notes.iter().take(LINES) {
            let _ = writeln!(text, "note: {note}");
        }
        let more = [
            self.moved.len(),
            self.withdrawn.len(),
            dropped.len(),
            self.notes.len(),
        ];
        let more: usize = more.iter().map(|length| length.saturating_sub(LINES)).sum();
        if more > 0 {
            let place = if self.dry {
                ""
            } else {
                ": see .manchette/import/report.json"
            };
            let _ = writeln!(text, "and {more} lines more{place}");
        }
        text.push_str(&self.line());
        text
    }

    /// The counts in one line.
    #[must_use]
    pub fn line(&self) -> String {
        let Self {
            posts,
            articles,
            fetched,
            written,
            unchanged,
            removed,
            requests,
            seconds,
            ..
        } = self;
        let faults = match self.faults.len() {
            0 => String::new(),
            1 => "; 1 fault".to_owned(),
            n => format!("; {n} faults"),
        };
        let files = if self.dry {
            format!("files to write: {written}, unchanged: {unchanged}, to remove: {removed}")
        } else {
            format!("files: {written} written, {unchanged} unchanged, {removed} removed")
        };
        format!(
            "{articles} articles of {posts} posts, {fetched} fetched; {files}; {requests} requests in {seconds:.2} s{faults}"
        )
    }
}
