//! The table in RELIABILITY.md: each fault that a case is about, what the reader sees then, and after how
//! long there is something to read. A test holds the page against the cases; `make faults` writes it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use libtest_mimic::Trial;

use crate::Trouble;
use crate::case::{Case, Fault};
use crate::engine::Engine;

/// Around the table in the page.
const MARKS: [&str; 2] = ["<!-- faults -->\n", "<!-- /faults -->"];

/// How long it took, in milliseconds, by engine and the name of the case.
static TIMES: Mutex<BTreeMap<(String, &'static str), u32>> = Mutex::new(BTreeMap::new());

/// Notes how long the reader waited in a case that has passed.
pub fn note(engine: Engine, case: &Case, milliseconds: u32) {
    let mut times = TIMES.lock().unwrap_or_else(PoisonError::into_inner);
    times.insert((engine.to_string(), case.name), milliseconds);
}

/// The page, if only the faults are wanted, and their times in it.
pub fn asked_for() -> Option<PathBuf> {
    std::env::var_os("MANCHETTE_FAULTS").map(PathBuf::from)
}

/// Writes the table to target/faults.md, and into the page that asked for it, once every fault has
/// its time in every engine that can have it.
pub fn write(cases: &[&'static Case]) -> Result<(), Trouble> {
    let times = TIMES.lock().unwrap_or_else(PoisonError::into_inner);
    let mut table = String::new();
    for row in rows(cases, |engine, case| {
        let milliseconds = times.get(&(engine.to_string(), case.name));
        milliseconds.map_or_else(String::new, |milliseconds| format!("{milliseconds} ms"))
    }) {
        if row.contains(&String::new()) {
            return Ok(()); // not the whole suite, or a case that failed
        }
        table += &["| ", &row.join(" | "), " |\n"].concat();
        if table.lines().count() == 1 {
            table += "|---|---|---:|---:|---:|\n";
        }
    }
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("faults.md");
    fs::write(target, &table)?;
    if let Some(file) = asked_for() {
        let page = fs::read_to_string(&file)?;
        // With the marks: between them there may be nothing yet.
        let [start, end] = MARKS;
        let old = [start, between_marks(&page)?, end].concat();
        fs::write(&file, page.replace(&old, &[start, &table, end].concat()))?;
    }
    Ok(())
}

/// The test that RELIABILITY.md has just these faults and results. Times are whatever they were.
pub fn trial(cases: Vec<&'static Case>) -> Trial {
    Trial::test("table::reliability_has_what_is_tested", move || {
        let wanted = rows(&cases, |_, _| "… ms".to_owned());
        Ok(compare(wanted).map_err(|trouble| trouble.to_string())?)
    })
}

fn compare(wanted: Vec<Vec<String>>) -> Result<(), Trouble> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("RELIABILITY.md");
    let page = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut there: Vec<Vec<String>> = between_marks(&page)?
        .lines()
        .filter(|line| !line.starts_with("|-"))
        .map(|line| line.trim_matches('|').split('|').map(timeless).collect())
        .collect();
    let mut missing = wanted;
    missing.retain(|row| match there.iter().position(|other| other == row) {
        Some(index) => {
            there.remove(index);
            false
        }
        None => true,
    });
    if missing.is_empty() && there.is_empty() {
        return Ok(());
    }
    let lines = |rows: &[Vec<String>]| {
        rows.iter()
            .map(|row| row.join(" | ") + "\n")
            .collect::<String>()
    };
    let (missing, extra) = (lines(&missing), lines(&there));
    Err(format!(
        "RELIABILITY.md is not what is tested (`make faults` writes it).\nIt lacks:\n{missing}It has besides:\n{extra}"
    )
    .into())
}

/// The head and a row for each fault: the fault, what the reader sees, and of each engine `time` or why
/// it cannot have that fault.
fn rows(cases: &[&Case], time: impl Fn(Engine, &Case) -> String) -> Vec<Vec<String>> {
    let head = [
        "Fault",
        "What the reader sees",
        "Chromium",
        "Firefox",
        "WebKitGTK",
    ];
    let mut rows = vec![head.map(ToOwned::to_owned).to_vec()];
    for case in cases {
        let Some(Fault { what, seen }) = case.fault else {
            continue;
        };
        let cell = |engine| match case.needs.impossible_in(engine) {
            Some(reason) => reason.to_owned(),
            None => time(engine, case),
        };
        let words = [what, seen].map(ToOwned::to_owned);
        rows.push(words.into_iter().chain(Engine::ALL.map(cell)).collect());
    }
    rows
}

/// A cell of the page, its time left out.
fn timeless(cell: &str) -> String {
    let cell = cell.trim();
    let time = cell.strip_suffix(" ms");
    if time.is_some_and(|time| time.parse::<u32>().is_ok()) {
        return "… ms".to_owned();
    }
    cell.to_owned()
}

fn between_marks(page: &str) -> Result<&str, Trouble> {
    let [start, end] = MARKS;
    let table = page
        .split_once(start)
        .and_then(|(_, rest)| rest.split_once(end));
    Ok(table
        .ok_or("RELIABILITY.md has no marks around its table")?
        .0)
}
