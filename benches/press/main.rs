//! `make bench`: how fast an edition becomes a site. The same edition is written as pages by us and by
//! Hugo, and our pages' bytes once more by themselves; then one article changes; then it grows.

// A bench has nobody to hand an error to.
#![allow(clippy::unwrap_used, missing_docs)]
// Pages are counted in thousands: a float holds them.
#![allow(clippy::cast_precision_loss)]

mod edition;
mod hugo;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use edition::Edition;
use rayon::prelude::*;

/// How often what can vary is measured; the fastest is taken.
const ROUNDS: usize = 3;

fn main() {
    // `cargo bench -- 2000` compares at 2,000 articles and leaves the scale out.
    let articles = std::env::args().skip(1).find_map(|arg| arg.parse().ok());
    // Where the disk is not to be measured with it, in memory: `MANCHETTE_BENCH=/dev/shm make bench`.
    let place = std::env::var_os("MANCHETTE_BENCH").map_or_else(
        || repo().join("target/bench"),
        |folder| PathBuf::from(folder).join("manchette-bench"),
    );
    remove(&place);
    println!(
        "Each time is the shortest of {ROUNDS} runs (Hugo: of 2); memory is the peak of the process.\n"
    );
    compare(&place, articles.unwrap_or(10_000));
    if articles.is_none() {
        scale(&place, &[1_000, 10_000, 100_000]);
    }
    remove(&place);
}

fn repo() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

// ---- Side by side ----------------------------------------------------------------------------

fn compare(place: &Path, articles: usize) {
    let edition = Edition::new(&repo().join("public/api"), articles).expect("the sample edition");
    // Each run has a folder of its own: ext4 is slow to make files where some were just deleted.
    let sites: Vec<_> = (0..ROUNDS)
        .map(|round| Site::new(&place.join(round.to_string()), &edition))
        .collect();
    let ours = &sites[0];
    // What is still on its way to the disk would slow down whoever comes next.
    let settle = || {
        assert!(
            Command::new("sync")
                .status()
                .is_ok_and(|done| done.success())
        )
    };
    let hugo_source = place.join("hugo");
    let form = fs::read_to_string(ours.dist.join(".manchette/form.html")).expect("a built app");
    hugo::write(&edition, &form, &hugo_source).expect("Hugo's source");

    let mut cold = Vec::new();
    let (mut plain, mut plain_alone) = (Vec::new(), Vec::new());
    let mut hugo = Vec::new();
    let mut bytes = BTreeMap::new();
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let alone = alone.expect("a thread");
    for (round, site) in sites.iter().enumerate() {
        settle();
        cold.push(site.prerender());
        if round == 0 {
            bytes = pages(&site.dist);
        }
        settle();
        plain.push(plain_write(&bytes, &place.join(format!("plain-{round}"))));
        settle();
        plain_alone.push(
            alone.install(|| plain_write(&bytes, &place.join(format!("plain-alone-{round}")))),
        );
        if round < 2 {
            let to = place.join(format!("hugo-{round}"));
            settle();
            hugo.push(run(Command::new("hugo")
                .arg("--quiet")
                .arg("--source")
                .arg(&hugo_source)
                .arg("--destination")
                .arg(&to)));
        }
    }
    let theirs = pages(&place.join("hugo-0"));
    let same: Vec<_> = (0..ROUNDS).map(|_| ours.prerender()).collect();
    let changed: Vec<_> = (0..ROUNDS)
        .map(|round| {
            // One in the middle: it is on its page, in lists of its section and of its keywords.
            ours.change(&edition, articles / 2, round);
            ours.prerender()
        })
        .collect();

    let (cold, hugo) = (best(&cold), best(&hugo));
    let (plain, plain_alone) = (least(&plain), least(&plain_alone));
    println!("{articles} articles");
    row("", &["pages", "bytes", "seconds", "pages/s", "MiB"]);
    let line = |name: &str, files: &BTreeMap<PathBuf, Vec<u8>>, run: &Run| {
        row(
            name,
            &[
                &html(files).to_string(),
                &total(files).to_string(),
                &format!("{:.2}", run.seconds),
                &format!("{:.0}", html(files) as f64 / run.seconds),
                &format!("{:.0}", run.mebibytes),
            ],
        );
    };
    line("prerender, cold", &bytes, &cold);
    line("Hugo, cold", &theirs, &hugo);
    for (name, seconds) in [
        ("plain write, all threads", plain),
        ("plain write, one thread", plain_alone),
    ] {
        let mebibytes = f64::NAN;
        line(name, &bytes, &Run { seconds, mebibytes });
    }
    let (same, changed) = (best(&same), best(&changed));
    for (name, run) in [
        ("nothing changed", &same),
        ("one article changed", &changed),
    ] {
        row(
            name,
            &[
                "",
                "",
                &format!("{:.2}", run.seconds),
                "",
                &format!("{:.0}", run.mebibytes),
            ],
        );
    }
    println!(
        "\nper page {:.1} times Hugo's speed (at least 10 wanted); {:.2} times the plain write by all threads, {:.2} times that by one (at most 2)\n",
        (hugo.seconds / html(&theirs) as f64) / (cold.seconds / html(&bytes) as f64),
        cold.seconds / plain,
        cold.seconds / plain_alone,
    );
}

/// The time to write these files anew, by as many threads as there are, in seconds.
fn plain_write(files: &BTreeMap<PathBuf, Vec<u8>>, dir: &Path) -> f64 {
    let start = Instant::now();
    files
        .par_iter()
        .try_for_each(|(path, bytes)| {
            let path = dir.join(path);
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::write(path, bytes)
        })
        .expect("a plain write");
    start.elapsed().as_secs_f64()
}

// ---- How it grows ----------------------------------------------------------------------------

fn scale(place: &Path, sizes: &[usize]) {
    row(
        "articles",
        &["cold, s", "MiB", "same, s", "one changed, s", "MiB"],
    );
    for &articles in sizes {
        let place = &place.join(format!("scale-{articles}"));
        let edition =
            Edition::new(&repo().join("public/api"), articles).expect("the sample edition");
        let ours = Site::new(place, &edition);
        let cold = ours.prerender();
        let same = ours.prerender();
        ours.change(&edition, articles / 2, 0);
        let changed = ours.prerender();
        row(
            &articles.to_string(),
            &[
                &format!("{:.2}", cold.seconds),
                &format!("{:.0}", cold.mebibytes),
                &format!("{:.2}", same.seconds),
                &format!("{:.2}", changed.seconds),
                &format!("{:.0}", changed.mebibytes),
            ],
        );
    }
}

// ---- Our site --------------------------------------------------------------------------------

/// A built app with an edition in its `api/`.
struct Site {
    dist: PathBuf,
}

impl Site {
    /// The app as `make build` made it, without its pages.
    fn new(place: &Path, edition: &Edition) -> Self {
        let (built, dist) = (repo().join("dist"), place.join("dist"));
        for folder in ["assets", ".manchette"] {
            fs::create_dir_all(dist.join(folder)).expect("a folder");
        }
        let form = ".manchette/form.html";
        fs::copy(built.join(form), dist.join(form)).expect("dist/ as `make build` leaves it");
        for entry in fs::read_dir(built.join("assets")).expect("dist/assets") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().unwrap();
            fs::copy(&path, dist.join("assets").join(name)).expect("a copy");
        }
        edition.write(&dist.join("api")).expect("an edition");
        Self { dist }
    }

    fn prerender(&self) -> Run {
        run(Command::new(env!("CARGO_BIN_EXE_manchette"))
            .arg("prerender")
            .arg("--dist")
            .arg(&self.dist))
    }

    fn change(&self, edition: &Edition, n: usize, round: usize) {
        let mut article = edition.article(n);
        article["headline"] = format!("Un autre titre, le {}e", round + 1).into();
        let file = self
            .dist
            .join(format!("api/articles/{}.json", edition.head(n).slug));
        fs::write(file, article.to_string()).expect("an article");
    }
}

/// What a site gives a reader or a machine, without the edition that it was given itself.
fn pages(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let below = path.strip_prefix(dir).expect("below").to_owned();
            if path.is_dir() {
                folders.push(path);
            } else if is_ours(&below) {
                files.insert(below, fs::read(&path).expect("a file"));
            }
        }
    }
    files
}

/// Lists are gathered among the documents of the edition.
fn is_ours(below: &Path) -> bool {
    let is_in = |folders: &[&str]| folders.iter().any(|folder| below.starts_with(folder));
    is_in(&["api/feeds/auteur", "api/feeds/mot-cle"]) || !is_in(&[".manchette", "assets", "api"])
}

fn html(files: &BTreeMap<PathBuf, Vec<u8>>) -> usize {
    files
        .keys()
        .filter(|path| path.ends_with("index.html"))
        .count()
}

fn total(files: &BTreeMap<PathBuf, Vec<u8>>) -> usize {
    files.values().map(Vec::len).sum()
}

// ---- A process -------------------------------------------------------------------------------

struct Run {
    seconds: f64,
    mebibytes: f64,
}

/// Runs a command that must end well. GNU time says how much memory it took at most.
fn run(command: &mut Command) -> Run {
    let start = Instant::now();
    let output = Command::new("/usr/bin/time")
        .args(["--format", "%M", "--"])
        .arg(command.get_program())
        .args(command.get_args())
        .stdout(Stdio::null())
        .output()
        .expect("GNU time");
    let seconds = start.elapsed().as_secs_f64();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    let kibibytes: f64 = said
        .lines()
        .last()
        .unwrap_or_default()
        .parse()
        .expect(&said);
    Run {
        seconds,
        mebibytes: kibibytes / 1024.0,
    }
}

fn best(runs: &[Run]) -> Run {
    Run {
        seconds: least(&runs.iter().map(|run| run.seconds).collect::<Vec<_>>()),
        mebibytes: runs.iter().map(|run| run.mebibytes).fold(0.0, f64::max),
    }
}

fn least(seconds: &[f64]) -> f64 {
    seconds.iter().copied().fold(f64::INFINITY, f64::min)
}

fn row(name: &str, cells: &[&str]) {
    print!("{name:<26}");
    for cell in cells {
        print!("{cell:>16}");
    }
    println!();
}

fn remove(folder: &Path) {
    if let Err(error) = fs::remove_dir_all(folder) {
        let gone = error.kind() == io::ErrorKind::NotFound;
        assert!(gone, "{}: {error}", folder.display());
    }
}
