//! What real sites answer when they are not at their best: each costs only itself, is named, and never
//! takes the place of something better.

mod files;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use files::{Files, differences, files};
use manchette::press::check;
use manchette::press::import::{Kind, Options, Summary, import};
use serde_json::{Value, json};
use url::Url;

// ---- A server that is a WordPress, as far as an import sees --------------------------------------

/// What is answered: status, headers, body.
type Reply = (u16, String, Vec<u8>);
/// Looks at each request before the site does, and may answer it or change the site.
type Hook = Box<dyn FnMut(&mut Site, &Url) -> Option<Reply> + Send>;

#[derive(Default)]
struct Site {
    posts: BTreeMap<u64, Value>,
    categories: Vec<Value>,
    files: BTreeMap<String, (String, Vec<u8>)>,
    /// Stands before every JSON document.
    notice: String,
    without_total: bool,
    hook: Option<Hook>,
    log: Vec<String>,
}

struct Server {
    url: Url,
    site: Arc<Mutex<Site>>,
    most: Arc<AtomicUsize>,
}

impl Server {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let url = Url::parse(&format!("http://{address}/")).expect("an address");
        let site = Arc::new(Mutex::new(Site::default()));
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let server = Self {
            url: url.clone(),
            site: Arc::clone(&site),
            most: Arc::clone(&most),
        };
        server.site().categories = vec![
            json!({"id": 1, "name": "Politique", "slug": "politique", "parent": 0, "count": 9}),
            json!({"id": 2, "name": "Culture", "slug": "culture", "parent": 0, "count": 8}),
        ];
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (site, url) = (Arc::clone(&site), url.clone());
                let (now, most) = (Arc::clone(&now), Arc::clone(&most));
                thread::spawn(move || serve(stream, &site, &url, &now, &most));
            }
        });
        server
    }

    fn site(&self) -> MutexGuard<'_, Site> {
        self.site
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn post(&self, id: u64, change: Value) {
        let mut post = json!({
            "id": id, "slug": format!("article-{id}"), "status": "publish",
            "link": format!("{}politique/article-{id}/", self.url),
            "date": format!("2026-03-{:02}T{:02}:{:02}:00", 1 + id / 1440 % 28, id / 60 % 24, id % 60),
            "date_gmt": format!("2026-03-{:02}T{:02}:{:02}:00", 1 + id / 1440 % 28, id / 60 % 24, id % 60),
            "modified": "2026-04-01T10:00:00", "modified_gmt": "2026-04-01T10:00:00",
            "title": {"rendered": format!("Article {id}")},
            "content": {"rendered": format!("<p>Le texte {id}.</p>"), "protected": false},
            "excerpt": {"rendered": format!("<p>Ce que dit l&rsquo;article {id}.</p>")},
            "author": 1, "featured_media": 0, "categories": [1], "tags": [],
            "_embedded": {"author": [{"id": 1, "name": "Nadia Amrani"}], "wp:term": [[]]},
        });
        if let (Value::Object(post), Value::Object(change)) = (&mut post, change) {
            post.extend(change);
        }
        self.site().posts.insert(id, post);
    }

    fn hook(&self, hook: impl FnMut(&mut Site, &Url) -> Option<Reply> + Send + 'static) {
        self.site().hook = Some(Box::new(hook));
    }

    fn no_hook(&self) {
        self.site().hook = None;
    }

    /// The requests since the last time, as path and query.
    fn log(&self) -> Vec<String> {
        std::mem::take(&mut self.site().log)
    }
}

fn serve(
    mut stream: TcpStream,
    site: &Mutex<Site>,
    base: &Url,
    now: &AtomicUsize,
    most: &AtomicUsize,
) {
    let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let mut header = String::new();
        let mut head = String::new();
        while reader.read_line(&mut header).is_ok_and(|n| n > 2) {
            head.push_str(&header);
            header.clear();
        }
        let path = line.split(' ').nth(1).unwrap_or("/");
        let url = base.join(path).expect("an address");
        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let (status, headers, body) = {
            let mut site = site
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            site.log.push(path.to_owned());
            let mut hook = site.hook.take();
            let reply = hook.as_mut().and_then(|hook| hook(&mut site, &url));
            if site.hook.is_none() {
                site.hook = hook;
            }
            reply.unwrap_or_else(|| site.answer(&url, base, &head))
        };
        thread::sleep(Duration::from_millis(2));
        now.fetch_sub(1, Ordering::SeqCst);
        let head = format!(
            "HTTP/1.1 {status} X\r\nContent-Length: {}\r\n{headers}\r\n",
            body.len()
        );
        if stream
            .write_all(head.as_bytes())
            .and_then(|()| stream.write_all(&body))
            .is_err()
        {
            return;
        }
    }
}

fn reply(status: u16, kind: &str, body: &str) -> Reply {
    (
        status,
        format!("Content-Type: {kind}\r\n"),
        body.as_bytes().to_vec(),
    )
}

impl Site {
    fn json(&self, headers: &str, value: &Value) -> Reply {
        let body = format!("{}{value}", self.notice);
        (
            200,
            format!("Content-Type: application/json\r\n{headers}"),
            body.into_bytes(),
        )
    }

    fn answer(&self, url: &Url, base: &Url, head: &str) -> Reply {
        if let Some((tag, bytes)) = self.files.get(url.path()) {
            if !tag.is_empty() && head.contains(tag) {
                return (304, String::new(), Vec::new());
            }
            return (200, format!("ETag: {tag}\r\n"), bytes.clone());
        }
        let pairs: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        let number =
            |name: &str, or: usize| pairs.get(name).and_then(|n| n.parse().ok()).unwrap_or(or);
        match url.path() {
            "/" => (
                200,
                format!("Link: <{base}wp-json/>; rel=\"https://api.w.org/\"\r\n"),
                b"<html lang=\"fr-FR\">".to_vec(),
            ),
            "/wp-json/" => self.json(
                "",
                &json!({"name": "Les Rives", "description": "", "home": base.as_str(), "gmt_offset": 1, "namespaces": ["wp/v2"]}),
            ),
            "/wp-json/wp/v2/categories" => self.json("", &json!(self.categories)),
            "/wp-json/wp/v2/media" => self.json("", &json!([])),
            "/wp-json/wp/v2/posts" => {
                let mut posts: Vec<&Value> = self.posts.values().collect();
                if let Some(include) = pairs.get("include") {
                    let ids: BTreeSet<&str> = include.split(',').collect();
                    posts.retain(|post| ids.contains(post["id"].to_string().as_str()));
                }
                let field = pairs.get("orderby").map_or("date", String::as_str).to_owned();
                posts.sort_by_key(|post| match post[&field].as_u64() {
                    Some(n) => format!("{n:020}"),
                    None => post[&field].as_str().unwrap_or_default().to_owned(),
                });
                if pairs.get("order").map(String::as_str) != Some("asc") {
                    posts.reverse();
                }
                if let Some(after) = pairs.get("modified_after") {
                    let after = after.trim_end_matches('Z');
                    posts.retain(|post| post["modified_gmt"].as_str().is_some_and(|time| time > after));
                }
                let total = if self.without_total {
                    String::new()
                } else {
                    format!("X-WP-Total: {}\r\n", posts.len())
                };
                let (offset, window) = (number("offset", 0), number("per_page", 10));
                if offset > posts.len() {
                    let error = json!({"code": "rest_post_invalid_page_number", "message": "…", "data": {"status": 400}});
                    return (400, String::new(), error.to_string().into_bytes());
                }
                let window: Vec<_> = posts.into_iter().skip(offset).take(window).collect();
                self.json(&total, &json!(window))
            }
            _ => reply(404, "text/html", "<h1>no</h1>"),
        }
    }
}

// ---- Imports of it -------------------------------------------------------------------------------

struct Run {
    server: Server,
    folder: tempfile::TempDir,
    options: Options,
}

impl Run {
    fn new() -> Self {
        let server = Server::new();
        let folder = tempfile::tempdir().expect("a folder");
        let mut options = Options::new(
            Kind::WordPress,
            server.url.clone(),
            folder.path().join("edition"),
        );
        options
            .config
            .choose(&["politique".to_owned(), "culture".to_owned()]);
        options.manners.attempts = 2;
        options.manners.pause = Duration::from_millis(2);
        options.manners.longest_pause = Duration::from_millis(20);
        Self {
            server,
            folder,
            options,
        }
    }

    fn with_posts(n: u64) -> Self {
        let run = Self::new();
        (1..=n).for_each(|id| run.server.post(id, json!({})));
        run
    }

    fn import(&self) -> Summary {
        let summary = self.try_import().expect("an import");
        println!("{}\n{:?}", summary.text(), summary.faults);
        assert_eq!(check(&self.options.out).expect("an edition").faults, []);
        summary
    }

    fn try_import(&self) -> std::io::Result<Summary> {
        import(&self.options, &AtomicBool::new(false))
    }

    fn failure(&self) -> String {
        self.try_import().expect_err("a failure").to_string()
    }

    fn article(&self, slug: &str) -> Value {
        let bytes = fs::read(self.path(&format!("articles/{slug}.json"))).expect(slug);
        serde_json::from_slice(&bytes).expect(slug)
    }

    fn path(&self, file: &str) -> PathBuf {
        self.options.out.join(file)
    }

    /// How many batches of posts were asked for since the log was last read.
    fn batches(&self) -> usize {
        let log = self.server.log();
        log.iter().filter(|line| line.contains("include=")).count()
    }

    /// The edition's documents, by name.
    fn files(&self) -> Files {
        files(&self.options.out)
    }
}

fn has(lines: &[String], words: &[&str]) -> bool {
    lines
        .iter()
        .any(|line| words.iter().all(|word| line.contains(word)))
}

#[test]
fn what_php_says_before_the_json_is_skipped_and_told() {
    for notice in [
        "\u{feff}",
        "<br />\n<b>Notice</b>: Undefined offset: [0] in a.php on line 3<br />\n",
    ] {
        let run = Run::with_posts(3);
        run.server.site().notice = notice.to_owned();
        let summary = run.import();
        assert_eq!((summary.articles, summary.faults.len()), (3, 0));
        assert!(
            has(&summary.notes, &["before its JSON"]),
            "{:?}",
            summary.notes
        );
    }
}

#[test]
fn a_site_that_answers_with_something_else_leaves_the_edition_as_it_was() {
    let run = Run::with_posts(3);
    run.import();
    let before = run.files();
    for (status, kind, body, named) in [
        (
            503,
            "text/html",
            "<html>Maintenance</html>",
            "being maintained",
        ),
        (
            200,
            "text/html",
            "<html>Bienvenue à l’hôtel</html>",
            "with a page, not with JSON",
        ),
        (
            401,
            "application/json",
            r#"{"code":"rest_not_logged_in","message":"x","data":{"status":401}}"#,
            "rest_not_logged_in",
        ),
        (
            200,
            "application/json",
            "[{\"id\":1,\"categories\":[1]",
            "not JSON",
        ),
        (200, "application/json", "\"ok\"", "not JSON"),
        (500, "text/html", "", "answers 500"),
    ] {
        // At once, and only where the posts are asked for.
        for only in ["", "/posts"] {
            let body = body.to_owned();
            run.server.hook(move |_, url| {
                url.path()
                    .ends_with(only)
                    .then(|| reply(status, kind, &body))
            });
            let failure = run.failure();
            assert!(failure.contains(named), "{status} {named:?}: {failure}");
            assert!(failure.contains(run.server.url.as_str()), "{failure}");
            assert_eq!(run.files(), before);
        }
    }
    run.server.no_hook();
    assert_eq!(run.import().written, 0);
}

#[test]
fn a_first_import_that_is_refused_says_why() {
    let run = Run::new();
    run.server.hook(|_, _| {
        Some(reply(
            401,
            "application/json",
            r#"{"code":"rest_not_logged_in","message":"x"}"#,
        ))
    });
    assert!(run.failure().contains("only to those who are logged in"));
    run.server
        .hook(|_, _| Some(reply(503, "text/html", "<h1>Maintenance</h1>")));
    assert!(run.failure().contains("being maintained"));
    run.server
        .hook(|_, _| Some(reply(200, "text/html", "<h1>Un blog</h1>")));
    assert!(run.failure().contains("no WordPress REST interface found"));
    assert!(!run.path("site.json").exists());
}

#[test]
fn posts_that_are_odd_cost_only_themselves() {
    let run = Run::with_posts(2);
    let post = |id, change| run.server.post(id, change);
    post(
        10,
        json!({"_embedded": {"author": [{"code": "rest_user_invalid_id", "message": "Identifiant non valide.", "data": {"status": 404}}]}}),
    );
    post(11, json!({"_embedded": []}));
    post(
        12,
        json!({"content": {"rendered": "", "protected": true}, "title": {"rendered": "Protégé : secret"}}),
    );
    post(13, json!({"date_gmt": null, "date": "2026-03-05T09:00:00"}));
    post(
        14,
        json!({"date_gmt": 0, "date": 0, "modified": null, "modified_gmt": null}),
    );
    post(
        15,
        json!({"date_gmt": "-0001-11-30T00:00:00", "date": "2026-03-06T09:00:00"}),
    );
    post(
        16,
        json!({"slug": "%d8%a7%d9%84%d8%af%d8%a7%d8%b1-%d8%a7%d9%84%d8%a8%d9%8a%d8%b6%d8%a7%d8%a1", "title": {"rendered": "الدار البيضاء"}}),
    );
    post(17, json!({"slug": "le-meme", "categories": [1]}));
    post(
        18,
        json!({"slug": "le-meme", "categories": [2], "link": format!("{}culture/le-meme/", run.server.url)}),
    );
    post(19, json!({"slug": "../../../../etc/passwd"}));
    post(
        20,
        json!({"slug": "", "title": {"rendered": ""}, "excerpt": {"rendered": ""}}),
    );
    post(
        21,
        json!({"slug": "page%00\u{202e}/..%2f..%2fx", "title": {"rendered": "<b>Gras</b> &amp;amp; \u{202e}tordu"}}),
    );
    let long = "<p>Un paragraphe qui se répète, et se répète encore.</p>".repeat(100_000);
    post(
        22,
        json!({"content": {"rendered": long, "protected": false}}),
    );
    post(
        23,
        json!({"date": "0001-01-01T00:00:00", "date_gmt": "0001-01-01T00:00:00"}),
    );
    post(
        24,
        json!({"title": "Un titre nu", "content": "<p>nu</p>", "excerpt": null, "categories": {"0": 1}, "_embedded": {"wp:term": [[{"id": 1, "taxonomy": "category", "slug": "politique", "name": "Politique"}]]}}),
    );
    run.server.site().posts.insert(99, json!({"id": {"a": 1}}));
    let summary = run.import();
    assert_eq!(summary.articles, 14, "{:?}", summary.faults);
    assert!(has(&summary.notes, &["/article-10/", "no author"]));
    assert!(has(&summary.notes, &["/article-11/", "no author"]));
    assert!(has(&summary.notes, &["post 12", "password"]));
    assert!(has(&summary.notes, &["/article-14/", "no date"]));
    assert!(has(&summary.faults, &["post 20", "no title"]));
    assert!(has(&summary.faults, &["post 22", "2 MiB"]));
    assert_eq!(summary.faults.len(), 2, "{:?}", summary.faults);
    assert_eq!(
        run.article("article-13")["datePublished"],
        "2026-03-05T09:00:00+01:00"
    );
    assert_eq!(
        run.article("article-15")["datePublished"],
        "2026-03-06T09:00:00+01:00"
    );
    assert!(run.article("article-14")["datePublished"].is_null());
    assert_eq!(run.article("aldar-albida")["headline"], "الدار البيضاء");
    assert_eq!(run.article("le-meme")["articleSection"], "politique");
    assert_eq!(run.article("le-meme-2")["articleSection"], "culture");
    assert_eq!(run.article("article-24")["headline"], "Un titre nu");
    assert_eq!(run.article("etc-passwd")["identifier"], "19");
    assert_eq!(run.article("page-x")["headline"], "Gras &amp; tordu");
    // Nothing but the edition is in the folder around it.
    let around: Vec<_> = fs::read_dir(run.folder.path()).expect("a folder").collect();
    assert_eq!(around.len(), 1, "{around:?}");
    let before = run.files();
    assert_eq!(run.import().written, 0);
    // The same addresses from the same posts, whatever came first.
    let mut whole = Run { ..run };
    whole.options.full = true;
    whole.import();
    assert_eq!(whole.files(), before);
}

#[test]
fn what_plugins_add_is_taken() {
    let run = Run::with_posts(12);
    run.server.post(20, json!({
        "excerpt": {"rendered": "<p>Le texte 20. [&hellip;]</p>"}, "featured_media": 7,
        "content": {"rendered": "<p>Le texte 20. Et la suite.</p>"},
        "_embedded": {"author": [{"code": "rest_user_invalid_id"}], "wp:featuredmedia": [{"code": "rest_forbidden"}]},
        "yoast_head_json": {"description": "Ce qu’en dit la rédaction.", "author": "Omar B’chiri", "og_locale": "fr_FR",
            "og_image": [{"url": format!("{}a b.jpg", run.server.url), "width": 1200, "height": 630}]},
        "jetpack-related-posts": [{"id": 3}, {"id": 20}, {"id": 999}, {"id": 1}],
    }));
    run.server.post(21, json!({"authors": [{"display_name": "Une"}, {"display_name": "Deux &amp; trois"}], "excerpt": {"rendered": ""}}));
    run.import();
    let article = run.article("article-20");
    assert_eq!(article["description"], "Ce qu’en dit la rédaction.");
    assert_eq!(article["author"][0]["name"], "Omar B’chiri");
    assert_eq!(article["author"][0]["url"], "/auteur/omar-b-chiri/");
    assert_eq!(article["inLanguage"], "fr-FR");
    assert!(
        article["image"]["url"]
            .as_str()
            .is_some_and(|url| url.ends_with("/a%20b.jpg"))
    );
    let cards: Vec<_> = article["related"]
        .as_array()
        .expect("cards")
        .iter()
        .map(|card| card["_manchette"]["slug"].clone())
        .collect();
    assert_eq!(
        cards,
        [
            "article-3",
            "article-1",
            "article-21",
            "article-12",
            "article-11",
            "article-10"
        ]
    );
    let article = run.article("article-21");
    assert_eq!(article["author"][1]["name"], "Deux & trois");
    assert!(article["description"].is_null());
}

#[test]
fn what_is_good_is_not_replaced_by_something_worse() {
    let run = Run::with_posts(12);
    run.import();
    let before = run.files();
    // The text is gone, the title is gone, the text is endless.
    let later = |n: u64| json!(format!("2026-04-02T10:00:0{n}"));
    run.server.post(
        3,
        json!({"modified_gmt": later(1), "content": {"rendered": "", "protected": false}}),
    );
    run.server.post(
        4,
        json!({"modified_gmt": later(2), "title": {"rendered": ""}, "excerpt": {"rendered": ""}}),
    );
    let long = "<p>Un paragraphe qui se répète, et se répète encore.</p>".repeat(100_000);
    run.server.post(
        5,
        json!({"modified_gmt": later(3), "content": {"rendered": long}}),
    );
    let summary = run.import();
    for id in ["post 3 ", "post 4 ", "post 5 "] {
        assert!(
            has(&summary.faults, &[id, "stays as it was"]),
            "{:?}",
            summary.faults
        );
    }
    assert_eq!(run.files(), before);
    run.server.log();
    let again = run.import();
    assert_eq!(
        (again.fetched, again.faults.len()),
        (0, 3),
        "told again, not fetched again"
    );
    // Behind a password is what the newsroom wants.
    run.server.post(
        6,
        json!({"modified_gmt": later(4), "content": {"rendered": "", "protected": true}}),
    );
    assert_eq!(run.import().withdrawn, ["/politique/article-6/"]);
    // Mended there, mended here.
    run.server.post(
        3,
        json!({"modified_gmt": later(5), "content": {"rendered": "<p>Mieux.</p>"}}),
    );
    assert_eq!(run.import().faults.len(), 2);
    assert!(run.article("article-3").to_string().contains("Mieux"));

    // A database that lost its posts for a moment.
    let before = run.files();
    let posts = std::mem::take(&mut run.server.site().posts);
    let failure = run.failure();
    assert!(
        failure.contains("lists 0 of the 12 posts") && failure.contains("--full"),
        "{failure}"
    );
    assert_eq!(run.files(), before);
    run.server.site().posts = posts;
    assert_eq!(run.import().written, 0);
}

#[test]
fn posts_that_come_and_go_while_they_are_listed_are_neither_lost_nor_doubled() {
    for without_total in [false, true] {
        let run = Run::with_posts(450);
        run.server.site().without_total = without_total;
        let mut windows = 0;
        // After each window of ids some of those that were listed go, and one in between comes.
        run.server.hook(move |site, url| {
            let query = url.query().unwrap_or_default();
            if url.path().ends_with("/posts") && query.contains("orderby=id") {
                windows += 1;
                if windows == 2 {
                    (1..=40).for_each(|id| drop(site.posts.remove(&id)));
                }
                if windows == 4 {
                    (60..=75).for_each(|id| drop(site.posts.remove(&id)));
                    let mut post = site.posts[&100].clone();
                    (post["id"], post["slug"]) = (json!(451), json!("article-451"));
                    site.posts.insert(451, post);
                }
            }
            None
        });
        let first = run.import();
        run.server.no_hook();
        let second = run.import();
        let articles = fs::read_dir(run.path("articles")).expect("articles");
        assert_eq!(articles.count(), 450 - 40 - 16 + 1, "{without_total}");
        assert_eq!(second.articles, 395);
        // Those that stayed were all there the first time.
        assert!(first.articles >= 395 - 1, "{}", first.articles);
        assert_eq!(run.import().written, 0);
    }
}

#[test]
fn a_post_that_breaks_the_answer_is_found_and_left_out() {
    let run = Run::with_posts(60);
    run.server.hook(|_, url| {
        let pairs: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
        let breaks = pairs
            .get("include")
            .is_some_and(|ids| ids.split(',').any(|id| id == "33"));
        breaks.then(|| reply(500, "text/html", "<b>Fatal error</b>: Uncaught TypeError"))
    });
    let summary = run.import();
    assert_eq!(summary.articles, 59);
    assert!(
        has(&summary.faults, &["post 33", "answers 500"]),
        "{:?}",
        summary.faults
    );
    run.server.no_hook();
    let summary = run.import();
    assert_eq!(
        (summary.articles, summary.fetched, summary.faults.len()),
        (60, 1, 0)
    );
}

#[test]
fn a_change_that_could_not_be_had_is_fetched_when_it_can() {
    // So many that the oldest are not among the newest that each run looks at.
    let run = Run::with_posts(150);
    run.import();
    let changed = |id: u64, time: &str| {
        let text = format!("<p>Corrigé {time}.</p>");
        let change = json!({"modified": time, "modified_gmt": time, "content": {"rendered": text}});
        run.server.post(id, change);
    };
    let breaks = |broken: &'static [&'static str]| {
        run.server.hook(move |_, url| {
            let mut pairs = url.query_pairs();
            let ids = pairs.find_map(|(name, ids)| (name == "include").then_some(ids))?;
            let breaks = ids.split(',').any(|id| broken.contains(&id));
            breaks.then(|| reply(500, "text/html", "<b>Fatal error</b>"))
        });
    };
    changed(3, "2026-05-01T10:00:00");
    changed(4, "2026-05-01T10:00:00");
    breaks(&["3", "4"]);
    let summary = run.import();
    assert!(has(&summary.faults, &["post 3: ", "answers 500"]));
    // By now the newest change is so much later that theirs are no longer asked for.
    changed(150, "2026-05-02T10:00:00");
    let summary = run.import();
    assert_eq!((summary.fetched, summary.faults.len()), (1, 2));
    breaks(&["4"]);
    let summary = run.import();
    assert_eq!((summary.fetched, summary.faults.len()), (1, 1));
    assert!(run.article("article-3").to_string().contains("Corrigé"));
    // One that is gone is asked for once more.
    run.server.site().posts.remove(&4);
    run.server.no_hook();
    assert_eq!(run.import().withdrawn, ["/politique/article-4/"]);
    run.server.log();
    run.import();
    assert_eq!(run.batches(), 0);
}

#[test]
fn an_import_that_fails_half_way_leaves_the_edition_whole_and_goes_on() {
    let run = Run::with_posts(10);
    run.import();
    let before = run.files();
    (11..=400).for_each(|id| {
        run.server
            .post(id, json!({"modified_gmt": "2026-05-01T10:00:00"}))
    });
    let mut batches = 0;
    run.server.hook(move |_, url| {
        batches += usize::from(url.query().unwrap_or_default().contains("include="));
        (batches > 17).then(|| reply(503, "text/html", "<h1>Maintenance</h1>"))
    });
    assert!(run.failure().contains("503"));
    assert_eq!(run.files(), before);
    run.server.no_hook();
    run.server.log();
    let summary = run.import();
    assert_eq!(summary.articles, 400);
    let asked = run.batches();
    assert!((1..=4).contains(&asked), "{asked} batches again");

    // Killed while it was writing: the next run makes it good, and leaves nothing behind.
    let whole = run.files();
    fs::remove_file(run.path("articles/article-7.json")).expect("a file");
    fs::write(run.path("articles/article-8.json"), "{").expect("a file");
    run.import();
    assert_eq!(run.files(), whole);
}

#[test]
fn a_state_that_is_lost_costs_time_and_nothing_else() {
    let run = Run::with_posts(30);
    run.import();
    let before = run.files();
    fs::write(run.path(".manchette/import/state"), b"an older version's").expect("a file");
    run.server.site().posts.remove(&7);
    run.server.log();
    let summary = run.import();
    assert_eq!((summary.articles, summary.removed), (29, 1));
    let asked = run.batches();
    assert_eq!(asked, 0, "the posts are here");
    assert!(run.files().len() < before.len());
}

#[test]
fn archive_pages_are_written_once_and_again_where_an_article_went() {
    let run = Run::with_posts(95);
    run.import();
    let names =
        |names: &[&str]| -> BTreeSet<String> { names.iter().map(ToString::to_string).collect() };
    let archive = |run: &Run| files(&run.path("feeds/latest"));
    let before = archive(&run);
    assert_eq!(before.len(), 5);
    // A correction: no page that is full.
    run.server.post(
        25,
        json!({"modified_gmt": "2026-05-01T10:00:00", "title": {"rendered": "Corrigé"}}),
    );
    run.import();
    assert_eq!(archive(&run), before);
    // A new one: only the newest page.
    run.server
        .post(96, json!({"modified_gmt": "2026-05-02T10:00:00"}));
    run.import();
    let after = archive(&run);
    assert_eq!(differences(&before, &after), names(&["5.json"]));
    // One in the second page goes: that page and all newer ones, each as long as before.
    run.server.site().posts.remove(&25);
    run.import();
    let last = archive(&run);
    let newer = names(&["2.json", "3.json", "4.json", "5.json"]);
    assert_eq!(differences(&after, &last), newer);
    let lengths: Vec<usize> = last
        .values()
        .map(|bytes| {
            serde_json::from_slice::<Value>(bytes).expect("a list")["items"]
                .as_array()
                .map_or(0, Vec::len)
        })
        .collect();
    assert_eq!(lengths, [20, 20, 20, 20, 15]);
}

#[test]
fn at_most_four_requests_are_under_way() {
    let run = Run::with_posts(300);
    let summary = run.import();
    assert_eq!(summary.articles, 300);
    let most = run.server.most.load(Ordering::SeqCst);
    assert!((2..=4).contains(&most), "{most} at once");
}

#[test]
fn pictures_of_a_private_network_are_refused_and_broken_ones_cost_themselves() {
    let mut run = Run::with_posts(1);
    run.options.media = true;
    let secret = Server::new();
    let mut png = Vec::new();
    let red = image::RgbImage::from_pixel(64, 48, image::Rgb([200, 0, 0]));
    let write = |bytes: &mut Vec<u8>| {
        red.write_to(&mut std::io::Cursor::new(bytes), image::ImageFormat::Png)
    };
    write(&mut png).expect("a picture");
    // The same with a head that says 60,000 × 60,000.
    let mut bomb = png.clone();
    bomb[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    let file = |server: &Server, name: &str, bytes: &[u8]| {
        server
            .site()
            .files
            .insert(format!("/{name}"), (String::new(), bytes.to_vec()));
    };
    file(&secret, "secret.png", &png);
    file(&run.server, "bonne.png", &png);
    file(&run.server, "bombe.png", &bomb);
    file(&run.server, "coupee.png", &png[..png.len() / 2]);
    file(
        &run.server,
        "dessin.svg",
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
    );
    let pictures = [
        format!("{}secret.png", secret.url),
        "file:///etc/passwd".to_owned(),
        format!("{}bonne.png", run.server.url),
        format!("{}bombe.png", run.server.url),
        format!("{}coupee.png", run.server.url),
        format!("{}dessin.svg", run.server.url),
        format!("{}absente.png", run.server.url),
    ];
    for (id, url) in (2..).zip(&pictures) {
        let media = json!({"id": id, "media_type": "image", "source_url": url, "alt_text": "x", "caption": {"rendered": ""}, "media_details": {"width": 64, "height": 48, "sizes": {}}});
        run.server.post(id, json!({"featured_media": id, "_embedded": {"wp:featuredmedia": [media]},
            "content": {"rendered": format!("<p>a</p><figure><img src=\"{url}\" alt=\"x\"></figure><p>b</p>")}}));
    }
    let summary = run.import();
    assert_eq!((summary.articles, summary.faults.len()), (8, 0));
    assert_eq!(secret.log().len(), 0);
    assert!(
        has(&summary.notes, &["secret.png", "private network"]),
        "{:?}",
        summary.notes
    );
    assert!(
        has(&summary.notes, &["bombe.png", "left out"]),
        "{:?}",
        summary.notes
    );
    assert!(has(&summary.notes, &["coupee.png", "left out"]));
    assert!(has(&summary.notes, &["absente.png", "404"]));
    assert!(has(&summary.notes, &["dessin.svg", "stays where it is"]));
    let url = |id: u64| {
        run.article(&format!("article-{id}"))["image"]["url"]
            .as_str()
            .map(str::to_owned)
    };
    assert_eq!(
        [url(2), url(3), url(5), url(6), url(8)],
        [const { None }; 5]
    );
    assert!(
        url(4).is_some_and(|url| url.starts_with("/media/bonne-") && url.ends_with("-64.webp"))
    );
    assert_eq!(url(7).as_deref(), Some(pictures[5].as_str()));
    let blocks = |id: u64| {
        run.article(&format!("article-{id}"))["body"]["children"]
            .as_array()
            .map(Vec::len)
    };
    assert_eq!(
        [blocks(4), blocks(5), blocks(6)],
        [Some(3), Some(2), Some(2)]
    );
    // Asked for again after an hour, not every minute.
    run.server.log();
    run.import();
    assert!(!has(&run.server.log(), &[".png"]));
    run.options.manners.allow_private = true;
    run.options.full = true;
    run.import();
    assert!(run.article("article-2")["image"]["url"].is_string());
}

#[test]
fn a_json_feed_and_an_rss_feed_become_editions_and_stay_in_step() {
    let run = Run::new();
    let item = |n: u32, text: &str| {
        json!({"id": format!("urn:{n}"), "url": format!("{}a/article-{n}.html", run.server.url), "title": format!("Relevé {n} & suite"),
            "content_html": format!("<p>{text}</p>"), "summary": "En bref.", "tags": ["Eau"],
            "authors": [{"name": "Nadia Amrani"}], "date_published": format!("2026-03-{n:02}T10:00:00+01:00")})
    };
    let json_feed = |items: &[Value], next: Option<&str>| {
        json!({"version": "https://jsonfeed.org/version/1.1", "title": "Les Rives", "language": "fr", "next_url": next, "items": items}).to_string()
    };
    let rss = |items: &[u32]| {
        let items: Vec<String> = items.iter().map(|n| format!("<item><title>Relevé {n} &amp; suite</title><link>{}a/article-{n}.html</link><guid>urn:{n}</guid><pubDate>{n:02} Mar 2026 10:00:00 +0100</pubDate><description>En bref.</description><content:encoded><![CDATA[<p>Texte {n}.</p>]]></content:encoded></item>", run.server.url)).collect();
        format!(
            "<?xml version=\"1.0\"?><rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>Les Rives</title><link>{}</link><description/>{}</channel></rss>",
            run.server.url,
            items.concat()
        )
    };
    let put = |path: &str, tag: &str, body: &str| {
        let file = (tag.to_owned(), body.as_bytes().to_vec());
        run.server.site().files.insert(path.to_owned(), file);
    };
    let at = |kind: Kind, path: &str| Run {
        server: Server {
            url: run.server.url.clone(),
            site: Arc::clone(&run.server.site),
            most: Arc::clone(&run.server.most),
        },
        folder: tempfile::tempdir().expect("a folder"),
        options: Options {
            manners: run.options.manners.clone(),
            ..Options::new(
                kind,
                run.server.url.join(path).expect("an address"),
                run.folder.path().join(&path[1..]),
            )
        },
    };
    let newest: Vec<Value> = (11..=20).rev().map(|n| item(n, "Texte.")).collect();
    let older: Vec<Value> = (1..=11).rev().map(|n| item(n, "Texte.")).collect();
    put(
        "/feed.json",
        "\"1\"",
        &json_feed(&newest, Some("/old.json")),
    );
    // One stands in both, and the last leads back.
    put("/old.json", "", &json_feed(&older, Some("/feed.json")));
    let feed = at(Kind::JsonFeed, "/feed.json");
    assert_eq!(feed.import().articles, 20);
    let article = feed.article("article-12");
    assert_eq!(
        (&article["articleSection"], &article["kicker"]),
        (&json!("actualites"), &json!("Eau"))
    );
    assert!(
        article["headline"]
            .as_str()
            .is_some_and(|title| title.ends_with("12 & suite"))
    );
    assert_eq!(feed.import().requests, 1, "not modified");
    // One is corrected, one is new, one is withdrawn; the older ones are not asked for.
    let mut changed = vec![item(21, "Texte."), item(20, "Corrigé.")];
    changed.extend((11..=18).rev().map(|n| item(n, "Texte.")));
    put(
        "/feed.json",
        "\"2\"",
        &json_feed(&changed, Some("/old.json")),
    );
    let summary = feed.import();
    assert_eq!((summary.articles, summary.fetched), (20, 2));
    assert_eq!(summary.withdrawn, ["/actualites/article-19/"]);

    put("/feed.xml", "\"1\"", &rss(&[20, 19, 18, 17]));
    let feed = at(Kind::Rss, "/feed.xml");
    assert_eq!(feed.import().articles, 4);
    put(
        "/feed.xml",
        "\"2\"",
        &format!("\u{feff}{}", rss(&[21, 20, 18])),
    );
    let summary = feed.import();
    // What fell off the end stays; what is missing in between has gone.
    assert_eq!(
        (summary.articles, summary.withdrawn.as_slice()),
        (4, &["/actualites/article-19/".to_owned()][..])
    );
    put("/feed.xml", "\"3\"", "<html>Maintenance</html>");
    let before = feed.files();
    assert!(feed.failure().contains("neither RSS nor Atom"));
    assert_eq!(feed.files(), before);
}

#[test]
fn a_stop_is_heard_between_two_requests() {
    let run = Run::with_posts(300);
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    run.server.hook(move |_, url| {
        if url.query().unwrap_or_default().contains("include=") {
            flag.store(true, Ordering::SeqCst);
        }
        None
    });
    let failure = import(&run.options, &stop).map(|summary| summary.line());
    let failure = failure.expect_err("stopped");
    assert_eq!(failure.kind(), std::io::ErrorKind::Interrupted);
    assert!(!run.path("site.json").exists());
    run.server.no_hook();
    assert_eq!(run.import().articles, 300);
}
