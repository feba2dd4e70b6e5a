//! The site in three real browsers, behind the real nginx: what a reader gets.
//! This is the list of cases and the runner. The cases themselves are in cases/, a file a subject.
//!
//! `cargo test --test browser` runs all of them; `-- text_size` those with that in their names,
//! `-- firefox::` those of one engine, `-- --test-threads=1` one at a time, `-- --list` none.
//! `MANCHETTE_FAULTS=RELIABILITY.md` runs the cases about faults, and writes their table into that file.
//! A case that fails leaves a picture, the page's HTML and the browser's log in target/browser/.

mod case;
mod cases;
mod engine;
mod front;
#[path = "../hostile/edition.rs"]
mod hostile;
mod keeper;
mod line;
mod own;
mod page;
mod runner;
mod site;
mod table;
#[path = "../wordpress/mod.rs"]
mod wordpress;

use std::process::ExitCode;

/// Whatever can go wrong between a test and a browser, in words.
type Trouble = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    if let Some(code) = keeper::run_if_asked() {
        return code;
    }
    runner::run(&[
        cases::browser::CASES,
        cases::deployed::CASES,
        cases::edge::CASES,
        cases::faults::CASES,
        cases::imported::CASES,
        cases::lists::CASES,
        cases::looks::CASES,
        cases::moving::CASES,
        cases::offline::CASES,
        cases::pictures::cases(),
        cases::prerendered::CASES,
        cases::reading::CASES,
        cases::slow::CASES,
        cases::strange::CASES,
        cases::text_size::CASES,
        cases::walks::CASES,
        cases::without::CASES,
    ])
}
