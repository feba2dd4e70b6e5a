//! An edition made of a real WordPress: the first import, what changes between runs, and what that
//! costs.

mod built;
mod wordpress;

use std::path::Path;
use std::sync::atomic::AtomicBool;

use manchette::press::check;
use manchette::press::import::{Kind, Options, Summary, import};
use url::Url;
use wordpress::WordPress;

fn options(site: &WordPress, out: &Path) -> Options {
    Options::new(
        Kind::WordPress,
        Url::parse(&site.url).expect("an address"),
        out,
    )
}

fn run(options: &Options) -> Summary {
    let summary = import(options, &AtomicBool::new(false)).expect("an import");
    println!("{}", summary.text());
    summary
}

#[test]
fn a_first_import() {
    let start = std::time::Instant::now();
    let site = WordPress::filled();
    println!("filled in {:?}", start.elapsed());
    let out = tempfile::tempdir().expect("a folder");
    let mut options = options(&site, out.path());
    options
        .config
        .choose(&["politique", "culture", "sciences"].map(str::to_owned));
    let first = run(&options);
    assert_eq!((first.articles, first.faults.len()), (66, 0));
    let report = check(out.path()).expect("an edition");
    assert_eq!(report.faults, []);
    let second = run(&options);
    assert_eq!((second.written, second.removed, second.fetched), (0, 0, 0));
}
