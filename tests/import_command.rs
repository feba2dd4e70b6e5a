//! `manchette import` as a command: how it ends, what it says, and what it leaves alone.

mod built;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// A feed at an address, and a folder beside it.
struct Desk {
    url: String,
    feed: Arc<Mutex<String>>,
    folder: tempfile::TempDir,
}

impl Desk {
    fn new(articles: u32) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!(
            "http://{}/feed.json",
            listener.local_addr().expect("an address")
        );
        let feed = Arc::new(Mutex::new(String::new()));
        let answer = Arc::clone(&feed);
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut head = BufReader::new(stream.try_clone().expect("a stream")).lines();
                while head
                    .next()
                    .is_some_and(|line| line.is_ok_and(|line| !line.is_empty()))
                {}
                let body = answer.lock().expect("the feed").clone();
                let length = body.len();
                let _ = write!(
                    stream,
                    "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
                );
            }
        });
        let desk = Self {
            url,
            feed,
            folder: tempfile::tempdir().expect("a folder"),
        };
        desk.publish(articles, &[]);
        desk
    }

    fn publish(&self, articles: u32, more: &[Value]) {
        let items = (1..=articles).rev().map(|n| {
            json!({"id": n, "url": format!("/eau/releve-{n}"), "title": format!("Relevé {n}"), "tags": ["Eau"],
                "content_html": format!("<p>Le niveau {n}.</p><script>x</script>"),
                "date_published": format!("2026-03-{n:02}T10:00:00+01:00")})
        });
        let items: Vec<_> = items.chain(more.iter().cloned()).collect();
        let feed = json!({"version": "https://jsonfeed.org/version/1.1", "title": "Les Rives", "items": items});
        *self.feed.lock().expect("the feed") = feed.to_string();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_manchette"));
        command
            .args(["import", "jsonfeed", &self.url, "--out"])
            .arg(self.path("edition"))
            .args(more)
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command
    }

    fn run(&self, more: &[&str]) -> (Option<i32>, String, String) {
        told(&self.command(more).output().expect("the command"))
    }
}

fn told(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.insert(path.clone(), fs::read(path).expect("a file"));
            }
        }
    }
    files
}

#[test]
fn it_ends_with_0_1_or_2() {
    let desk = Desk::new(3);
    let (code, out, err) = desk.run(&[]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    assert!(out.contains("dropped from releve-3: 1 × script"), "{out}");
    assert!(out.contains("3 articles of 3 posts, 3 fetched"), "{out}");
    let report = fs::read(desk.path("edition/.manchette/import/report.json")).expect("a report");
    let report: Value = serde_json::from_slice(&report).expect("a report");
    assert_eq!(report["dropped"]["releve-1"]["script"], 1);
    let check = Command::new(env!("CARGO_BIN_EXE_manchette"))
        .arg("check")
        .arg(desk.path("edition"))
        .output();
    assert_eq!(told(&check.expect("a check")).0, Some(0));

    // Something that the feed has and the edition lacks.
    desk.publish(3, &[json!({"id": "x"}), json!({"title": "Sans nom"})]);
    let (code, out, err) = desk.run(&[]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(
        err.contains("has no title") && err.contains("items[4].id"),
        "{err}"
    );

    // Nothing that could be done.
    *desk.feed.lock().expect("the feed") = "<html>".to_owned();
    let before = files(&desk.path("edition"));
    let (code, _, err) = desk.run(&[]);
    assert_eq!(code, Some(2));
    assert!(
        err.starts_with("manchette: ") && err.contains(&desk.url),
        "{err}"
    );
    assert_eq!(files(&desk.path("edition")), before);
}

#[test]
fn what_it_can_not_do_it_names() {
    let desk = Desk::new(3);
    fs::write(desk.path("manchette.toml"), "nmae = \"x\"").expect("a file");
    for (more, named) in [
        (&["--config", "missing.toml"][..], "missing.toml"),
        (&["--config", "manchette.toml"], "nmae"),
        (
            &["--sections", "sport"],
            "no category \"sport\"; it has: actualites, eau",
        ),
        (&["--watch", "0"], "--watch"),
        (&["--dry-run", "--dist", "dist"], "--dist"),
    ] {
        let (code, _, err) = desk.run(more);
        assert_eq!(code, Some(2), "{more:?}: {err}");
        assert!(err.contains(named), "{more:?}: {err}");
        assert!(!desk.path("edition/site.json").exists());
    }
    let with = |kind: &str, url: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_manchette"));
        command
            .args(["import", kind, url, "--out"])
            .arg(desk.path("edition"));
        told(&command.output().expect("the command"))
    };
    for (kind, url) in [
        ("jsonfeed", "ftp://example.org/"),
        ("jsonfeed", "example.org"),
        ("gopher", &desk.url),
    ] {
        let (code, _, err) = with(kind, url);
        assert_eq!(code, Some(2), "{kind} {url}: {err}");
    }
    assert_eq!(desk.run(&[]).0, Some(0));
    let (code, _, err) = with("rss", &desk.url);
    assert_eq!(code, Some(2));
    assert!(err.contains("holds the edition of jsonfeed "), "{err}");
}

#[test]
fn a_folder_of_something_else_is_left_alone() {
    let desk = Desk::new(2);
    let dist = desk.path("dist");
    fs::create_dir_all(dist.join("api")).expect("a folder");
    built::built(&dist);
    fs::create_dir(desk.path("letters")).expect("a folder");
    fs::write(desk.path("letters/articles.txt"), "x").expect("a file");
    let before = files(desk.folder.path());
    for (folder, named) in [
        ("dist", "built app"),
        ("dist/api", "built app"),
        ("letters", "is not empty"),
        ("letters/articles.txt", ""),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_manchette"))
            .args(["import", "jsonfeed", &desk.url, "--out"])
            .arg(desk.path(folder))
            .output();
        let (code, _, err) = told(&output.expect("the command"));
        assert_eq!(code, Some(2), "{folder}");
        assert!(err.contains("--out") && err.contains(named), "{err}");
    }
    assert_eq!(files(desk.folder.path()), before);
}

#[test]
fn a_dry_run_tells_and_writes_nothing() {
    let desk = Desk::new(3);
    let (code, out, _) = desk.run(&["--dry-run"]);
    assert_eq!(code, Some(0));
    assert!(
        out.contains("3 articles of 3 posts, 3 fetched; files to write: 6"),
        "{out}"
    );
    assert!(!desk.path("edition").exists());
    desk.run(&[]);
    desk.publish(5, &[]);
    let before = files(&desk.path("edition"));
    let (code, out, _) = desk.run(&["--dry-run"]);
    assert_eq!(code, Some(0));
    assert!(
        out.contains("5 articles of 5 posts, 2 fetched; files to write: 7"),
        "{out}"
    );
    assert_eq!(files(&desk.path("edition")), before);
    // And what it told is what is then done.
    assert!(desk.run(&[]).1.contains("files: 7 written"));
}

#[test]
fn two_at_once_are_refused() {
    let desk = Desk::new(1);
    desk.run(&[]);
    let lock = fs::File::open(desk.path("edition/.manchette/lock")).expect("a lock");
    lock.try_lock().expect("the lock");
    let (code, _, err) = desk.run(&[]);
    assert_eq!(code, Some(2));
    assert!(err.contains("another run is at work here"), "{err}");
}

#[test]
fn typography_has_a_switch() {
    let desk = Desk::new(1);
    desk.publish(
        0,
        &[json!({"id": 1, "url": "/a", "title": "Est-ce vrai ?", "content_html": "<p>Oui !</p>"})],
    );
    let headline = |desk: &Desk| {
        let bytes = fs::read(desk.path("edition/articles/a.json")).expect("an article");
        let article: Value = serde_json::from_slice(&bytes).expect("an article");
        article["headline"].as_str().map(str::to_owned)
    };
    desk.run(&[]);
    assert_ne!(headline(&desk).as_deref(), Some("Est-ce vrai ?"));
    desk.run(&["--no-typography"]);
    assert_eq!(headline(&desk).as_deref(), Some("Est-ce vrai ?"));
}

/// A command that is ended with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn it_watches_prints_and_stops_when_asked() {
    let desk = Desk::new(2);
    let dist = desk.path("dist");
    fs::create_dir(&dist).expect("a folder");
    built::built(&dist);
    let mut command = desk.command(&["--watch", "1", "--dist", "dist"]);
    let mut running = Running(command.stdout(Stdio::piped()).spawn().expect("the command"));
    let wait_for = |file: &str| {
        let start = Instant::now();
        while !dist.join(file).exists() {
            assert!(start.elapsed() < Duration::from_secs(60), "{file}");
            thread::sleep(Duration::from_millis(20));
        }
    };
    wait_for("actualites/releve-2/index.html");
    desk.publish(3, &[]);
    wait_for("actualites/releve-3/index.html");
    // A feed that fails for a while does not end it.
    *desk.feed.lock().expect("the feed") = "<html>".to_owned();
    thread::sleep(Duration::from_millis(1500));
    assert!(running.0.try_wait().expect("a look").is_none());
    desk.publish(4, &[]);
    wait_for("actualites/releve-4/index.html");
    let id =
        rustix::process::Pid::from_raw(running.0.id().try_into().expect("an id")).expect("an id");
    rustix::process::kill_process(id, rustix::process::Signal::TERM).expect("a signal");
    let start = Instant::now();
    let status = running.0.wait().expect("an end");
    assert_eq!(status.code(), Some(0));
    assert!(start.elapsed() < Duration::from_secs(10));
    // The locks are free again.
    assert_eq!(desk.run(&["--dist", "dist"]).0, Some(0));
}
