//! deploy/varnish.vcl before an origin that is well, and before ones that are not.
//! What the origin itself sends is asked by the browser tests.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

const PAGE: &str = "Cache-Control: max-age=0, stale-while-revalidate=60, stale-if-error=86400";
const EVER: &str = "Cache-Control: public, max-age=31536000, immutable";

/// How the origin answers.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Mood {
    Well,
    /// Connections are closed without an answer.
    Gone,
    /// The head of an answer, and nothing more.
    Hangs,
    /// The same of everything but the probe.
    PagesHang,
    /// 500 for everything but the probe, so that Varnish thinks it well.
    Fails,
    /// Half of the body that Content-Length names.
    Half,
}

/// An origin of our own: its answers name what was asked, and which edition it is.
struct Origin {
    port: u16,
    mood: Arc<Mutex<Mood>>,
    edition: Arc<AtomicUsize>,
    asked: Arc<AtomicUsize>,
}

impl Origin {
    fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let origin = Self {
            port: listener.local_addr().expect("an address").port(),
            mood: Arc::new(Mutex::new(Mood::Well)),
            edition: Arc::default(),
            asked: Arc::default(),
        };
        let (mood, edition) = (Arc::clone(&origin.mood), Arc::clone(&origin.edition));
        let asked = Arc::clone(&origin.asked);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mood = *mood.lock().expect("the mood");
                let edition = edition.load(Ordering::SeqCst);
                let asked = Arc::clone(&asked);
                thread::spawn(move || answer(stream, mood, edition, &asked));
            }
        });
        origin
    }

    fn feels(&self, mood: Mood) {
        *self.mood.lock().expect("the mood") = mood;
    }
}

/// One answer. (Errors are of the other side, which may have given up.)
fn answer(mut stream: TcpStream, mood: Mood, edition: usize, asked: &AtomicUsize) {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
        request.push(byte[0]);
    }
    let request = String::from_utf8_lossy(&request).to_lowercase();
    let path = request.split(' ').nth(1).unwrap_or_default();
    let probe = path == "/api/site.json";
    if !probe {
        asked.fetch_add(1, Ordering::SeqCst);
    }
    let header = |name: &str| {
        let mut lines = request.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    };
    let encoding = header("accept-encoding").unwrap_or("identity");
    let saves = header("save-data").unwrap_or("off");
    let (status, kind, cache) = match path {
        "/missing/" => ("404 Not Found", "text/html", "Cache-Control: no-store"),
        "/assets/lost.wasm" => ("200 OK", "text/html", EVER),
        _ if path.starts_with("/assets/") => ("200 OK", "application/wasm", EVER),
        _ => ("200 OK", "text/html", PAGE),
    };
    let kind = if probe { "application/json" } else { kind };
    let status = if mood == Mood::Fails && !probe {
        "500 Broken"
    } else {
        status
    };
    let body = format!("{path} edition {edition} {encoding} {saves}");
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{cache}\r\nVary: Accept-Encoding\r\n\
         Vary: Save-Data\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    let half = &body[..body.len() / 2];
    match mood {
        Mood::Gone => {}
        Mood::Half if !probe => {
            let _ = stream.write_all(format!("{head}{half}").as_bytes());
        }
        Mood::PagesHang if !probe => {
            let _ = stream.write_all(head.as_bytes());
            let _ = stream.read(&mut byte);
        }
        Mood::Well | Mood::Fails | Mood::Half | Mood::PagesHang => {
            if path == "/slow/" {
                thread::sleep(Duration::from_millis(500)); // the others come meanwhile
            }
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
        Mood::Hangs => {
            let _ = stream.write_all(head.as_bytes());
            let _ = stream.read(&mut byte); // until the other side gives up
        }
    }
}

/// Varnish with the deployed configuration; dropping it ends it.
struct Edge {
    varnish: Child,
    port: u16,
    _folder: tempfile::TempDir,
}

impl Edge {
    fn before(origin: &Origin) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let vcl = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/varnish.vcl");
        let vcl = fs::read_to_string(vcl).expect("deploy/varnish.vcl");
        let line = ".port = \"8080\";";
        assert_eq!(vcl.matches(line).count(), 1, "one origin");
        let file = folder.path().join("edge.vcl");
        let ours = format!(".port = \"{}\";", origin.port);
        fs::write(&file, vcl.replace(line, &ours)).expect("the configuration");
        let port = TcpListener::bind(("127.0.0.1", 0)).and_then(|free| free.local_addr());
        let port = port.expect("a port").port();
        let path = std::env::var("PATH").unwrap_or_default();
        // Where the test is killed, Varnish ends too.
        let varnish = Command::new("setpriv")
            .args(["--pdeathsig", "TERM", "varnishd", "-F", "-j", "none", "-n"])
            .arg(folder.path().join("work"))
            .args(["-a", &format!("127.0.0.1:{port}"), "-f"])
            .arg(&file)
            .args(["-s", "malloc,32m", "-p", "http_gzip_support=off"])
            .env("PATH", format!("{path}:/usr/sbin"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("varnishd: see .ci/tools");
        let edge = Self {
            varnish,
            port,
            _folder: folder,
        };
        until("Varnish answers", || {
            TcpStream::connect(("127.0.0.1", port)).is_ok()
        });
        edge
    }

    /// Status, head and body.
    fn get(&self, path: &str, headers: &str) -> (u16, String, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("Varnish");
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: n\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).expect("a request");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("an answer");
        let (head, body) = reply.split_once("\r\n\r\n").expect("a head");
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        (status.expect("a status"), head.to_owned(), body.to_owned())
    }
}

impl Drop for Edge {
    fn drop(&mut self) {
        let _ = Command::new("kill")
            .arg(self.varnish.id().to_string())
            .status();
        let _ = self.varnish.wait();
    }
}

fn until(what: &str, mut is: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is() {
        assert!(Instant::now() < deadline, "not within a minute: {what}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn one_copy_for_all_but_what_changes_the_answer() {
    let origin = Origin::start();
    let edge = Edge::before(&origin);
    let first = edge.get(
        "/assets/a.wasm",
        "Accept-Encoding: gzip, deflate, br, zstd\r\n",
    );
    assert_eq!(first.2, "/assets/a.wasm edition 0 br off");
    for (path, headers) in [
        ("/assets/a.wasm?utm_source=x", "Accept-Encoding: br\r\n"),
        (
            "/assets/a.wasm",
            "Accept-Encoding: br;q=1.0, gzip;q=0.5\r\nCookie: a=b\r\n",
        ),
    ] {
        assert_eq!(edge.get(path, headers).2, first.2);
    }
    assert_eq!(origin.asked.load(Ordering::SeqCst), 1, "asked once");
    for (headers, answer) in [
        ("Accept-Encoding: gzip\r\n", "gzip off"),
        ("Accept-Encoding: br;q=0, gzip\r\n", "gzip off"),
        ("", "identity off"),
        ("Accept-Encoding: br\r\nSave-Data: on\r\n", "br on"),
    ] {
        let (status, _, body) = edge.get("/assets/a.wasm", headers);
        assert_eq!(
            (status, body),
            (200, format!("/assets/a.wasm edition 0 {answer}"))
        );
    }
}

#[test]
fn many_at_once_are_one_for_the_origin() {
    let origin = Origin::start();
    let edge = Edge::before(&origin);
    thread::scope(|all| {
        for _ in 0..50 {
            all.spawn(|| assert_eq!(edge.get("/slow/", "").0, 200));
        }
    });
    assert_eq!(origin.asked.load(Ordering::SeqCst), 1);
}

#[test]
fn errors_and_pages_in_the_place_of_files_are_not_kept() {
    let origin = Origin::start();
    let edge = Edge::before(&origin);
    for asked in 1..=3 {
        let (status, head, _) = edge.get("/missing/", "");
        assert_eq!(status, 404, "{head}");
        assert_eq!(origin.asked.load(Ordering::SeqCst), asked);
    }
    let (status, head, body) = edge.get("/assets/lost.wasm", "");
    assert_eq!(status, 503, "{head}");
    assert!(
        head.contains("no-store") && !head.contains("text/html"),
        "{head}"
    );
    assert_eq!(body, "503 Service Unavailable");
}

#[test]
fn a_deployment_is_seen_within_a_minute() {
    let origin = Origin::start();
    let edge = Edge::before(&origin);
    assert_eq!(edge.get("/", "").2, "/ edition 0 identity off");
    origin.edition.store(1, Ordering::SeqCst);
    until("the new edition", || {
        edge.get("/", "").2 == "/ edition 1 identity off"
    });
}

#[test]
fn the_last_good_page_from_an_origin_that_is_gone() {
    shows_the_last_good_page(Mood::Gone);
}

#[test]
fn the_last_good_page_from_an_origin_that_hangs_after_the_head() {
    shows_the_last_good_page(Mood::Hangs);
}

#[test]
fn the_last_good_page_from_an_origin_whose_pages_hang() {
    shows_the_last_good_page(Mood::PagesHang);
}

/// Where a page hangs, each of its readers waits for one timeout, not for the others'.
#[test]
fn readers_of_a_page_that_hangs_do_not_wait_one_after_another() {
    let origin = Origin::start();
    let edge = Edge::before(&origin);
    assert_eq!(edge.get("/", "").0, 200);
    origin.feels(Mood::PagesHang);
    // Past the time in which what is kept is shown unasked.
    thread::sleep(Duration::from_secs(27));
    let waits: Vec<Duration> = thread::scope(|all| {
        let readers: Vec<_> = (0..8)
            .map(|_| {
                all.spawn(|| {
                    let start = Instant::now();
                    let (status, _, body) = edge.get("/", "");
                    assert_eq!((status, &*body), (200, "/ edition 0 identity off"));
                    start.elapsed()
                })
            })
            .collect();
        readers
            .into_iter()
            .map(|one| one.join().expect("an answer"))
            .collect()
    });
    // The timeout is two seconds; in line, the last would have waited for sixteen.
    assert!(
        waits.iter().all(|wait| *wait < Duration::from_secs(6)),
        "{waits:?}"
    );
}

#[test]
fn the_last_good_page_from_an_origin_that_answers_500() {
    shows_the_last_good_page(Mood::Fails);
}

#[test]
fn the_last_good_page_from_an_origin_that_breaks_off() {
    shows_the_last_good_page(Mood::Half);
}

/// Readers get what is kept, whatever the origin does.
fn shows_the_last_good_page(mood: Mood) {
    let origin = Origin::start();
    let edge = Edge::before(&origin);
    assert_eq!(edge.get("/", "").0, 200, "{mood:?}");
    origin.feels(mood);
    let asked = origin.asked.load(Ordering::SeqCst);
    // Past the time in which a copy is shown unasked, and while that is asked.
    let end = Instant::now() + Duration::from_secs(28);
    while Instant::now() < end {
        let (status, head, body) = edge.get("/", "");
        assert_eq!(
            (status, &*body),
            (200, "/ edition 0 identity off"),
            "{mood:?} {head}"
        );
        thread::sleep(Duration::from_millis(200));
    }
    if matches!(mood, Mood::Fails | Mood::Half | Mood::PagesHang) {
        assert!(origin.asked.load(Ordering::SeqCst) > asked, "{mood:?}");
    }
    // What was never asked for is an error, and none that is kept.
    assert_eq!(edge.get("/new/", "").0, 503, "{mood:?}");
    origin.feels(Mood::Well);
    until("the origin is well again", || {
        edge.get("/new/", "").0 == 200
    });
}
