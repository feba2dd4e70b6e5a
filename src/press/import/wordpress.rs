//! A WordPress as a source, by its REST interface (developer.wordpress.org/rest-api): where that is,
//! which of its posts are new, changed or gone, and what a post is in our words.
//
// Posts change while they are listed. So a listing is only of ids and of the times of their last change;
// its windows overlap, and one that does not begin within what was seen is asked for again from
// further back. The posts themselves are then asked for by their ids: none is lost, none comes twice.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{NaiveDateTime, TimeDelta, Utc};
use serde_json::Value;
use url::Url;

use super::post::{About, Picture, Post, Term, Words, Writer, is_automatic};
use super::store::Store;
use super::web::{self, Document, Refusal, Root};
use super::{Visit, admit};
use crate::content::Date;
use crate::press::http::AT_ONCE;
use crate::press::prerender::progress;

/// How many entries a listing asks for at once; WordPress has no more.
const WINDOW: usize = 100;
/// How many entries of a window stand in the one before, too.
const OVERLAP: usize = 5;
/// How often a listing goes back because posts went while it was made.
const STEPS_BACK: usize = 20;
/// How far before the newest change changes are asked for: clocks are put back, and differ.
const OVERLAP_TIME: TimeDelta = TimeDelta::hours(3);
/// How old a change must be for no other to look the same: WordPress counts whole seconds.
const YOUNG: TimeDelta = TimeDelta::seconds(3);
/// How many single posts may fail before the site itself is taken for broken.
const BROKEN: usize = 20;
/// The home page is read as far as this, in bytes.
const PAGE_LIMIT: usize = 8 << 20;

/// Brings the store up to date with the site.
pub fn sync(visit: &Visit<'_>, store: &mut Store) -> io::Result<()> {
    let known = store.state.root.is_some();
    let mut site = Site {
        visit,
        root: open(visit, store)?,
        ahead: AtomicI64::new(0),
    };
    let mut terms = site.terms(store);
    if known
        && terms
            .as_ref()
            .is_err_and(|refusal| refusal.may_have_moved())
    {
        // Without rewritten addresses, WordPress answers below the old one too, with other things.
        store.state.root = None;
        site.root = open(visit, store)?;
        terms = site.terms(store);
    }
    match terms {
        Ok(()) => {}
        Err(refusal)
            if refusal.divides || !matches!(refusal.code.as_str(), "" | "rest_no_route") =>
        {
            visit
                .log
                .note(&format!("the categories could not be listed: {refusal}"));
        }
        Err(refusal) => return Err(refusal.into()),
    }
    let media = site.changed_media(store);
    let first = visit.full || !store.state.complete;
    let known = &store.state.posts;
    let (wanted, listing) = if first {
        let listing = site.all()?;
        (site.wanted(store, &listing.ids), Some(listing))
    } else {
        let newest = site.window(&[("orderby", "date"), ("order", "desc")], 0)?;
        let mut ids = newest.ids.clone();
        ids.extend(site.changes(store)?);
        let together = known
            .keys()
            .chain(ids.keys())
            .collect::<BTreeSet<_>>()
            .len();
        let all = newest
            .total
            .map(|total| total.saturating_sub(store.state.hidden));
        if all == Some(together) {
            (site.wanted(store, &ids), None)
        } else {
            let listing = site.all()?;
            ids.extend(listing.ids.clone());
            (site.wanted(store, &ids), Some(listing))
        }
    };
    let mut wanted = wanted;
    let shows = |id: &String| {
        let picture = store
            .state
            .posts
            .get(id)
            .and_then(|card| card.post.picture.as_ref());
        picture
            .and_then(|picture| picture.id.as_ref())
            .is_some_and(|id| media.contains(id))
    };
    wanted.extend(store.state.posts.keys().filter(|id| shows(id)).cloned());
    // What is asked for by the time of its change is listed once: a post that could not be had then
    // would stay as it was for good.
    wanted.extend(store.state.owed.iter().cloned());
    if let Some(listing) = &listing {
        visit.withdraw(store, &listing.ids)?;
    }
    site.fetch(store, &wanted)?;
    if let Some(listing) = listing {
        store.state.hidden = listing.total.unwrap_or(0).saturating_sub(listing.ids.len());
        store.state.complete = true;
    }
    Ok(())
}

/// Ids with the times of their last change, and how many there are in all, as the site counts.
#[derive(Debug, Default)]
struct Listing {
    ids: BTreeMap<String, String>,
    total: Option<usize>,
}

struct Site<'a> {
    visit: &'a Visit<'a>,
    root: Root,
    /// Seconds by which the site's clock is ahead of ours, as its answers say.
    ahead: AtomicI64,
}

// ---- Where the interface is ----------------------------------------------------------------------

/// The REST root, known or found, and the site's name and clock.
fn open(visit: &Visit<'_>, store: &mut Store) -> io::Result<Root> {
    let known = store
        .state
        .root
        .as_deref()
        .and_then(|root| Url::parse(root).ok());
    if let Some(root) = known.and_then(Root::new).filter(|_| !visit.full) {
        match about(visit, &root) {
            Ok(mut about) => {
                about.language = store.state.about.language.take();
                store.state.about = about;
                return Ok(root);
            }
            // It may have moved: it is looked for again.
            Err(refusal) if refusal.may_have_moved() => {}
            Err(refusal) => return Err(refusal.into()),
        }
    }
    let page = visit.client.get(visit.url, &[], PAGE_LIMIT);
    let mut candidates = Vec::new();
    let mut trouble = None;
    let language = match page {
        Ok(answer) => {
            let html = String::from_utf8_lossy(&answer.body);
            candidates.extend(web::root_in_links(answer.all_headers("link"), &answer.url));
            candidates.extend(web::root_in_page(&html, &answer.url));
            if !answer.is_ok() {
                trouble = Some(match answer.status {
                    503 => format!("answers 503: {}", web::MAINTAINED),
                    status => format!("answers {status}"),
                });
            }
            web::language_of_page(&html)
        }
        // A home page without end says nothing of the interface.
        Err(failure) if failure.what.starts_with("is over ") => None,
        Err(failure) => return Err(io::Error::other(failure)),
    };
    // Hidden by a plugin, perhaps, and there all the same; or the address is that of the interface.
    let mut here = visit.url.clone();
    here.set_query(None);
    if !here.path().ends_with('/') {
        here.set_path(&format!("{}/", here.path()));
    }
    if here.path().ends_with("/wp-json/") {
        candidates.extend(Root::new(here.clone()));
    }
    candidates.extend(here.join("wp-json/").ok().and_then(Root::new));
    candidates.extend(here.join("?rest_route=/").ok().and_then(Root::new));
    candidates.dedup();
    let mut first: Option<Refusal> = None;
    for root in candidates {
        match about(visit, &root) {
            Ok(mut about) => {
                about.language = language;
                store.state.about = about;
                store.state.root = Some(root.as_str().to_owned());
                return Ok(root);
            }
            Err(refusal) => {
                // The site says something of its own: that is what to tell.
                let tells = |refusal: &Refusal| !refusal.code.is_empty();
                if first
                    .as_ref()
                    .is_none_or(|first| !tells(first) && tells(&refusal))
                {
                    first = Some(refusal);
                }
            }
        }
    }
    let what = match (first, trouble) {
        (Some(refusal), _) if !refusal.code.is_empty() => refusal.to_string(),
        (_, Some(trouble)) => format!("{}: {trouble}", visit.url),
        (Some(refusal), None) => format!(
            "{}: no WordPress REST interface found ({refusal})",
            visit.url
        ),
        (None, None) => format!("{}: no WordPress REST interface found", visit.url),
    };
    Err(io::Error::other(what))
}

fn about(visit: &Visit<'_>, root: &Root) -> Result<About, Refusal> {
    let fields = "name,description,url,home,gmt_offset,namespaces";
    let url = root.at("", &[("_fields", fields)]);
    let document = ask(visit, &url)?;
    let value = document.value;
    let namespaces = value["namespaces"].as_array();
    if !value.is_object() || namespaces.is_some_and(|all| !all.iter().any(|n| n == "wp/v2")) {
        return Err(Refusal {
            url: url.to_string(),
            what: "is no REST interface of a WordPress with wp/v2".to_owned(),
            code: String::new(),
            divides: false,
        });
    }
    Ok(About {
        name: html(&value["name"]),
        description: html(&value["description"]),
        language: None,
        home: string(&value["home"]).or_else(|| string(&value["url"])),
        offset: minutes(&value["gmt_offset"]),
    })
}

/// Asks for a document, and says so where something stood before it.
fn ask(visit: &Visit<'_>, url: &Url) -> Result<Document, Refusal> {
    let document = web::json(visit.client, url)?;
    if document.skipped > 0 {
        let what = "the site writes something before its JSON, a PHP notice or a byte-order mark; it was skipped";
        visit.log.note(what);
    }
    Ok(document)
}

// ---- Which posts there are -----------------------------------------------------------------------

impl Site<'_> {
    /// A list of the site's. One that begins past the end is empty.
    fn list(
        &self,
        path: &str,
        parameters: &[(&str, &str)],
    ) -> Result<(Vec<Value>, Option<usize>), Refusal> {
        let url = self.root.at(path, parameters);
        let document = match ask(self.visit, &url) {
            Ok(document) => document,
            Err(refusal) if refusal.code.ends_with("invalid_page_number") => {
                return Ok((Vec::new(), None));
            }
            Err(refusal) => return Err(refusal),
        };
        if let Some(time) = document.answer.header("date")
            && let Ok(time) = httpdate::parse_http_date(time)
        {
            let ahead = chrono::DateTime::<Utc>::from(time) - Utc::now();
            self.ahead.store(ahead.num_seconds(), Ordering::Relaxed);
        }
        let total = document
            .answer
            .header("x-wp-total")
            .and_then(|total| total.trim().parse().ok());
        let list = match document.value {
            Value::Array(list) => list,
            // PHP's arrays with holes come as objects: {"0": …, "2": …}.
            Value::Object(map)
                if map
                    .keys()
                    .all(|key| key.bytes().all(|b| b.is_ascii_digit())) =>
            {
                map.into_iter().map(|(_, value)| value).collect()
            }
            _ => {
                return Err(Refusal {
                    url: url.to_string(),
                    what: "answers with something that is not a list".to_owned(),
                    code: String::new(),
                    divides: true,
                });
            }
        };
        Ok((list, total))
    }

    fn window(&self, parameters: &[(&str, &str)], offset: usize) -> Result<Listing, Refusal> {
        let (window, offset) = (WINDOW.to_string(), offset.to_string());
        let mut all = vec![
            ("_fields", "id,modified_gmt,modified"),
            ("per_page", &window),
            ("offset", &offset),
        ];
        all.extend(parameters);
        let (list, total) = self.list("wp/v2/posts", &all)?;
        let ids = list
            .iter()
            .filter_map(|post| Some((id(&post["id"])?, stamp(post))));
        Ok(Listing {
            ids: ids.collect(),
            total,
        })
    }

    /// All posts there are.
    fn all(&self) -> io::Result<Listing> {
        let mut all = Listing::default();
        let (mut offset, mut back) = (0, 0);
        loop {
            self.visit.stopped()?;
            let window = self.window(&[("orderby", "id"), ("order", "asc")], offset)?;
            let length = window.ids.len();
            let seen = window.ids.keys().any(|id| all.ids.contains_key(id));
            if offset > 0 && length > 0 && !seen && back < STEPS_BACK {
                // Posts that went have moved the rest towards us.
                offset = offset.saturating_sub(WINDOW);
                back += 1;
                continue;
            }
            let before = all.ids.len();
            all.ids.extend(window.ids);
            all.total = window.total.or(all.total);
            let step = if length == 0 {
                WINDOW
            } else {
                length.saturating_sub(OVERLAP).max(1)
            };
            let end = match all.total {
                Some(total) => offset + length >= total || (length == 0 && offset >= total),
                None => all.ids.len() == before,
            };
            if end {
                return Ok(all);
            }
            offset += step;
        }
    }

    /// The posts that were changed of late.
    fn changes(&self, store: &Store) -> Result<BTreeMap<String, String>, Refusal> {
        let mut changes = BTreeMap::new();
        let Some(after) = anchor(store) else {
            return Ok(changes);
        };
        let parameters = [
            ("orderby", "modified"),
            ("order", "desc"),
            ("modified_after", &after),
        ];
        let mut offset = 0;
        loop {
            let window = self.window(&parameters, offset)?;
            let length = window.ids.len();
            let news = window
                .ids
                .iter()
                .any(|(id, stamp)| is_news(store, id, stamp));
            // An old WordPress does not know `modified_after`, and goes on to the oldest.
            changes.extend(
                window
                    .ids
                    .into_iter()
                    .filter(|(id, stamp)| is_news(store, id, stamp)),
            );
            if length < WINDOW || !news {
                return Ok(changes);
            }
            offset += length - OVERLAP;
        }
    }

    /// The pictures' entries that were changed since they were last looked at. Where the site does not
    /// tell, none.
    fn changed_media(&self, store: &mut Store) -> BTreeSet<String> {
        let after = anchor(store).unwrap_or_default();
        let window = WINDOW.to_string();
        let mut parameters = vec![
            ("_fields", "id,modified_gmt,modified"),
            ("per_page", window.as_str()),
            ("orderby", "modified"),
            ("order", "desc"),
        ];
        if !after.is_empty() {
            parameters.push(("modified_after", &after));
        }
        let Ok((list, _)) = self.list("wp/v2/media", &parameters) else {
            return BTreeSet::new();
        };
        let now: BTreeMap<_, _> = list
            .iter()
            .filter_map(|media| Some((id(&media["id"])?, stamp(media))))
            .collect();
        let before = std::mem::replace(&mut store.state.media, now);
        let changed = store
            .state
            .media
            .iter()
            .filter(|(id, stamp)| before.get(*id) != Some(*stamp));
        let changed = changed.filter(|_| store.state.complete);
        changed.map(|(id, _)| id.clone()).collect()
    }

    /// Those of the listed posts that are not here as they are there.
    fn wanted(&self, store: &mut Store, listed: &BTreeMap<String, String>) -> BTreeSet<String> {
        let mut wanted = BTreeSet::new();
        for (id, stamp) in listed {
            if !self.visit.full && !is_news(store, id, stamp) {
                continue;
            }
            // What an import that broke off has fetched already; but one that was young when it was
            // fetched may have changed since, and look the same.
            let card = store.state.posts.get(id);
            let young = card.is_some_and(|card| card.seen.is_empty());
            let left = (!self.visit.full && !young)
                .then(|| store.left_over(id, stamp))
                .flatten();
            let taken = left.is_some_and(|post| admit(self.visit, store, post).is_ok());
            if !taken {
                wanted.insert(id.clone());
            }
        }
        wanted
    }

    // ---- The posts themselves --------------------------------------------------------------------

    fn fetch(&self, store: &mut Store, wanted: &BTreeSet<String>) -> io::Result<()> {
        let ids: Vec<String> = wanted.iter().cloned().collect();
        let batches: Vec<&[String]> = ids.chunks(self.visit.batch.clamp(1, WINDOW)).collect();
        let bar = progress(ids.len(), "posts");
        let mut failed = BTreeSet::new();
        for some in batches.chunks(4 * AT_ONCE) {
            self.visit.stopped()?;
            let answers = self.visit.client.each(some, |batch| {
                self.visit.stopped()?;
                let posts = self.batch(batch, &store.state.about)?;
                bar.inc(u64::try_from(batch.len()).unwrap_or(0));
                // At once, so that a run that breaks off has them.
                for (post, _) in &posts.0 {
                    if !self.is_young(&post.stamp)
                        && store
                            .state
                            .posts
                            .get(&post.id)
                            .is_none_or(|card| card.post.stamp != post.stamp)
                    {
                        store.keep_aside(post)?;
                    }
                }
                Ok(posts)
            });
            for answer in answers {
                let answer: io::Result<_> = answer;
                let (posts, failures) = answer?;
                for (id, failure) in failures {
                    self.visit.log.fault(failure);
                    failed.insert(id);
                }
                // Those that have been broken for long say nothing of the site.
                if failed.difference(&store.state.owed).count() > BROKEN {
                    return Err(io::Error::other(format!(
                        "{}: more than {BROKEN} posts could not be had; nothing was changed",
                        self.visit.url
                    )));
                }
                for (post, terms) in posts {
                    for (key, term) in terms {
                        store.state.terms.entry(key).or_insert(term);
                    }
                    let (id, young) = (post.id.clone(), self.is_young(&post.stamp));
                    admit(self.visit, store, post)?;
                    if let Some(card) = store.state.posts.get_mut(&id).filter(|_| young) {
                        card.seen.clear();
                    }
                }
            }
        }
        bar.finish_and_clear();
        // One that an answer came without is gone.
        store.state.owed = failed;
        Ok(())
    }

    /// Whether a post may have changed again since it was fetched, within the same second, and look the
    /// same: it is fetched again the next time.
    fn is_young(&self, stamp: &str) -> bool {
        let now = Utc::now().naive_utc() + TimeDelta::seconds(self.ahead.load(Ordering::Relaxed));
        moment(stamp).is_some_and(|time| time > now - YOUNG)
    }

    /// Posts by their ids. Where one of them breaks the answer, all others come.
    fn batch(&self, ids: &[String], about: &About) -> io::Result<Batch> {
        let include = ids.join(",");
        let length = ids.len().to_string();
        let parameters = [
            ("include", include.as_str()),
            ("per_page", &length),
            ("_embed", "author,wp:featuredmedia,wp:term"),
        ];
        match self.list("wp/v2/posts", &parameters) {
            Ok((list, _)) => {
                let asked: BTreeSet<&String> = ids.iter().collect();
                let mut posts = BTreeMap::new();
                for value in &list {
                    if let Some((post, terms)) = read(value, about)
                        && asked.contains(&post.id)
                    {
                        posts.insert(post.id.clone(), (post, terms));
                    }
                }
                Ok((posts.into_values().collect(), Vec::new()))
            }
            Err(refusal) if !refusal.divides => Err(refusal.into()),
            Err(refusal) if ids.len() < 2 => {
                let failure = |id: &String| (id.clone(), format!("post {id}: {refusal}"));
                Ok((Vec::new(), ids.iter().map(failure).collect()))
            }
            Err(_) => {
                let (one, other) = ids.split_at(ids.len() / 2);
                let (mut posts, mut failures) = self.batch(one, about)?;
                let (more, further) = self.batch(other, about)?;
                posts.extend(more);
                failures.extend(further);
                Ok((posts, failures))
            }
        }
    }

    /// The categories. Where the site does not list them, those that come with the posts do.
    fn terms(&self, store: &mut Store) -> Result<(), Refusal> {
        let mut terms = BTreeMap::new();
        let window = WINDOW.to_string();
        loop {
            let offset = terms.len().to_string();
            let parameters = [
                ("_fields", "id,name,slug,parent,count"),
                ("per_page", window.as_str()),
                ("orderby", "id"),
                ("offset", offset.as_str()),
            ];
            let (list, _) = self.list("wp/v2/categories", &parameters)?;
            let before = terms.len();
            terms.extend(list.iter().filter_map(term));
            if list.len() < WINDOW || terms.len() == before {
                break;
            }
        }
        if !terms.is_empty() {
            store.state.terms = terms;
        }
        Ok(())
    }
}

/// Posts with the categories that came with them, and what failed: the ids, and why.
type Batch = (Vec<(Post, Vec<(String, Term)>)>, Vec<(String, String)>);

fn is_news(store: &Store, id: &str, stamp: &str) -> bool {
    let card = store.state.posts.get(id);
    card.is_none_or(|card| card.seen != stamp)
}

/// The time from which on changes are asked for.
fn anchor(store: &Store) -> Option<String> {
    // A post that was dated into the future by mistake must not hide all others.
    let latest = Utc::now().naive_utc() + TimeDelta::hours(1);
    let cards = store.state.posts.values();
    let newest = cards
        .filter_map(|card| moment(&card.seen))
        .filter(|time| *time < latest)
        .max()?;
    let after = newest.checked_sub_signed(OVERLAP_TIME)?;
    Some(after.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

// ---- What a post is in our words ------------------------------------------------------------------

fn id(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => {
            Some(text.clone())
        }
        _ => None,
    }
}

/// What tells one version of an entry from another.
fn stamp(value: &Value) -> String {
    let gmt = value["modified_gmt"]
        .as_str()
        .filter(|text| moment(text).is_some());
    gmt.or(value["modified"].as_str())
        .unwrap_or_default()
        .to_owned()
}

fn string(value: &Value) -> Option<String> {
    let text = value.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The address of a picture, as browsers write it: editors upload files with spaces in their names.
fn address(value: &Value) -> Option<String> {
    let url = Url::parse(&string(value)?).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.into())
}

/// A text with markup: by itself, or as what is `rendered`.
fn html(value: &Value) -> Option<Words> {
    let text = value["rendered"].as_str().or(value.as_str())?;
    (!text.trim().is_empty()).then(|| Words::Html(text.to_owned()))
}

fn minutes(offset: &Value) -> i64 {
    let text = match offset {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return 0,
    };
    // Hours with quarters: 5.75 in Nepal.
    let (hours, quarters) = text.split_once('.').unwrap_or((&text, "0"));
    let sign = if text.trim().starts_with('-') { -1 } else { 1 };
    let hours: i64 = hours.trim().trim_start_matches('-').parse().unwrap_or(0);
    let quarters = match quarters.trim_end_matches('0') {
        "25" => 15,
        "5" => 30,
        "75" => 45,
        _ => 0,
    };
    if hours > 14 {
        0
    } else {
        sign * (hours * 60 + quarters)
    }
}

/// A WordPress time, which has no offset. None for those that stand for none.
fn moment(text: &str) -> Option<NaiveDateTime> {
    let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S").ok()?;
    let zero = text.starts_with("0000") || text.starts_with("-0001");
    (!zero).then_some(time)
}

/// A time with the offset of the writer's clock, from the two that WordPress gives.
fn with_offset(local: &Value, gmt: &Value, offset: i64) -> Option<String> {
    let local = local.as_str().and_then(moment);
    let gmt = gmt.as_str().and_then(moment);
    let (local, offset) = match (local, gmt) {
        (Some(local), Some(gmt)) => {
            let difference = (local - gmt).num_minutes();
            // Further apart, one of them is wrong. The local one is what the editors see.
            let believed = difference.abs() <= 14 * 60;
            (local, if believed { difference } else { offset })
        }
        (Some(local), None) => (local, offset),
        (None, Some(gmt)) => (gmt.checked_add_signed(TimeDelta::minutes(offset))?, offset),
        (None, None) => return None,
    };
    let sign = if offset < 0 { '-' } else { '+' };
    let (hours, minutes) = (offset.abs() / 60, offset.abs() % 60);
    let text = format!(
        "{}{sign}{hours:02}:{minutes:02}",
        local.format("%Y-%m-%dT%H:%M:%S")
    );
    Date::parse(&text).map(|date| date.as_str().to_owned())
}

fn term(value: &Value) -> Option<(String, Term)> {
    let key = id(&value["id"])?;
    let parent = id(&value["parent"]).filter(|parent| parent != "0");
    let term = Term {
        slug: string(&value["slug"]).unwrap_or_else(|| key.clone()),
        name: html(&value["name"])?,
        parent,
        count: value["count"].as_u64().unwrap_or(0),
    };
    Some((key, term))
}

/// A post, with the categories that came with it. None where it is none.
fn read(value: &Value, about: &About) -> Option<(Post, Vec<(String, Term)>)> {
    let id_text = id(&value["id"])?;
    if value["status"]
        .as_str()
        .is_some_and(|status| status != "publish")
    {
        return None;
    }
    let mut notes = Vec::new();
    let body = value["content"]["rendered"]
        .as_str()
        .or(value["content"].as_str());
    let body = body.unwrap_or_default().to_owned();
    let barred = value["content"]["protected"].as_bool().unwrap_or(false);
    let yoast = &value["yoast_head_json"];
    let excerpt = html(&value["excerpt"]);
    let by_hand = excerpt
        .clone()
        .filter(|excerpt| !is_automatic(excerpt.raw(), &body));
    let described = ["description", "og_description"];
    let described = described
        .iter()
        .find_map(|name| string(&yoast[*name]))
        .map(Words::Plain);
    let standfirst = by_hand.or(described);
    let published = with_offset(&value["date"], &value["date_gmt"], about.offset);
    let published = published.or_else(|| yoast_date(yoast, "article_published_time"));
    if published.is_none() {
        notes.push("has no date that could be read".to_owned());
    }
    let modified = with_offset(&value["modified"], &value["modified_gmt"], about.offset);
    let embedded = &value["_embedded"];
    let authors = authors(value, embedded, yoast);
    if authors.is_empty() {
        notes.push("has no author that the site shows".to_owned());
    }
    let mut picture = embedded["wp:featuredmedia"]
        .as_array()
        .and_then(|all| all.iter().find_map(media));
    if picture.is_none() {
        picture = yoast_picture(yoast, value);
        if picture.is_none() && value["featured_media"].as_u64().is_some_and(|n| n > 0) {
            notes.push("has a lead picture that the site does not show".to_owned());
        }
    }
    let groups = embedded["wp:term"].as_array().into_iter().flatten();
    let all: Vec<&Value> = groups
        .flat_map(|group| group.as_array().into_iter().flatten())
        .collect();
    let of = |taxonomy: &'static str| {
        all.iter()
            .filter(move |term| term["taxonomy"].as_str() == Some(taxonomy))
    };
    let tags: Vec<Words> = of("post_tag")
        .filter_map(|tag| html(&tag["name"]))
        .collect();
    if tags.is_empty()
        && value["tags"]
            .as_array()
            .is_some_and(|tags| !tags.is_empty())
    {
        notes.push("has keywords whose names the site does not show".to_owned());
    }
    let terms: Vec<_> = of("category")
        .filter_map(|category| term(category))
        .collect();
    let mut categories: Vec<String> = value["categories"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(id)
        .collect();
    for (key, _) in &terms {
        if !categories.contains(key) {
            categories.push(key.clone());
        }
    }
    let related = value["jetpack-related-posts"].as_array();
    let related = related
        .into_iter()
        .flatten()
        .filter_map(|post| id(&post["id"]))
        .collect();
    let post = Post {
        stamp: stamp(value),
        url: string(&value["link"]),
        slug: string(&value["slug"]).unwrap_or_default(),
        title: html(&value["title"]).unwrap_or(Words::Plain(String::new())),
        summary: standfirst.clone().or(excerpt),
        standfirst,
        body,
        published,
        modified,
        authors,
        categories,
        tags,
        picture,
        related,
        language: string(&yoast["og_locale"]).and_then(|locale| web::language_tag(&locale)),
        barred,
        notes,
        id: id_text,
    };
    Some((post, terms))
}

fn yoast_date(yoast: &Value, name: &str) -> Option<String> {
    let date = Date::parse(yoast[name].as_str()?)?;
    Some(date.as_str().to_owned())
}

/// The authors: those of a plugin for several, WordPress's own, or the one that Yoast names.
fn authors(value: &Value, embedded: &Value, yoast: &Value) -> Vec<Writer> {
    let name = |author: &Value| {
        let name = ["display_name", "name"]
            .iter()
            .find_map(|key| string(&author[*key]));
        // {"code": "rest_user_invalid_id", …} has none.
        name.filter(|_| author["code"].is_null())
            .map(|name| Writer {
                name: Words::Html(name),
            })
    };
    let list = |list: &Value| -> Vec<Writer> {
        list.as_array()
            .into_iter()
            .flatten()
            .filter_map(name)
            .collect()
    };
    for found in [list(&value["authors"]), list(&embedded["author"])] {
        if !found.is_empty() {
            return found;
        }
    }
    let yoast = string(&yoast["author"]).map(|name| Writer {
        name: Words::Plain(name),
    });
    yoast.into_iter().collect()
}

fn number(value: &Value) -> Option<u32> {
    let number = match value {
        Value::String(text) => text.parse().ok(),
        _ => value.as_u64().and_then(|n| u32::try_from(n).ok()),
    };
    number.filter(|n| *n > 0)
}

/// A picture of the media library with all its sizes.
fn media(value: &Value) -> Option<Picture> {
    let details = &value["media_details"];
    let full = &details["sizes"]["full"];
    let url = address(&value["source_url"]).or_else(|| address(&full["source_url"]))?;
    if value["media_type"]
        .as_str()
        .is_some_and(|kind| kind != "image")
    {
        return None;
    }
    let sizes = details["sizes"].as_object().into_iter().flatten();
    let sizes = sizes.filter_map(|(_, size)| {
        Some((
            address(&size["source_url"])?,
            number(&size["width"])?,
            number(&size["height"])?,
        ))
    });
    let meta = &details["image_meta"];
    let credit = ["credit", "copyright"]
        .iter()
        .find_map(|name| string(&meta[*name]));
    Some(Picture {
        id: id(&value["id"]),
        url,
        width: number(&details["width"]).or_else(|| number(&full["width"])),
        height: number(&details["height"]).or_else(|| number(&full["height"])),
        sizes: sizes.collect(),
        alt: string(&value["alt_text"]).map(Words::Html),
        caption: html(&value["caption"]),
        credit: credit.map(Words::Plain),
    })
}

/// The picture that Yoast names for other sites, where it is the post's own.
fn yoast_picture(yoast: &Value, value: &Value) -> Option<Picture> {
    value["featured_media"].as_u64().filter(|n| *n > 0)?;
    let image = &yoast["og_image"][0];
    Some(Picture {
        url: address(&image["url"])?,
        width: number(&image["width"]),
        height: number(&image["height"]),
        ..Picture::default()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_time_has_the_offset_of_the_writers_clock() {
        let time = |local: Value, gmt: Value| with_offset(&local, &gmt, 60);
        for (local, gmt, expected) in [
            (
                "2026-07-01T10:00:00",
                "2026-07-01T08:00:00",
                Some("2026-07-01T10:00:00+02:00"),
            ),
            (
                "2026-07-01T10:00:00",
                "0000-00-00T00:00:00",
                Some("2026-07-01T10:00:00+01:00"),
            ),
            (
                "2026-07-01T10:00:00",
                "-0001-11-30T00:00:00",
                Some("2026-07-01T10:00:00+01:00"),
            ),
            (
                "2026-07-01T10:00:00",
                "1970-01-01T00:00:00",
                Some("2026-07-01T10:00:00+01:00"),
            ),
            (
                "0000-00-00T00:00:00",
                "2026-07-01T08:00:00",
                Some("2026-07-01T09:00:00+01:00"),
            ),
            (
                "1956-03-02T10:00:00",
                "1956-03-02T10:00:00",
                Some("1956-03-02T10:00:00+00:00"),
            ),
            (
                "2026-07-01T10:00:00",
                "2026-07-01T13:30:00",
                Some("2026-07-01T10:00:00-03:30"),
            ),
            ("0000-00-00T00:00:00", "0", None),
            ("soon", "", None),
        ] {
            assert_eq!(
                time(json!(local), json!(gmt)).as_deref(),
                expected,
                "{local} {gmt}"
            );
        }
        assert_eq!(time(json!(null), json!(0)), None);
        assert_eq!(minutes(&json!("5.75")), 345);
        assert_eq!(minutes(&json!(-3.5)), -210);
        assert_eq!(minutes(&json!("0")), 0);
        assert_eq!(minutes(&json!({})), 0);
    }

    #[test]
    fn an_embed_that_is_empty_or_an_error_costs_only_itself() {
        let about = About::default();
        for embedded in [
            json!([]),
            json!({"author": [{"code": "rest_user_invalid_id", "message": "…"}], "wp:featuredmedia": [{"code": "rest_forbidden"}], "wp:term": []}),
        ] {
            let post = json!({
                "id": 7, "slug": "a", "title": {"rendered": "A &amp; B"}, "content": {"rendered": "<p>x</p>"},
                "date": "2026-07-01T10:00:00", "date_gmt": null, "categories": [3], "tags": [4],
                "featured_media": 9, "_embedded": embedded,
            });
            let (post, _) = read(&post, &about).expect("a post");
            assert_eq!(post.title, Words::Html("A &amp; B".to_owned()));
            assert_eq!(
                (post.authors.len(), post.picture.as_ref(), post.notes.len()),
                (0, None, 3)
            );
            assert_eq!(post.published.as_deref(), Some("2026-07-01T10:00:00+00:00"));
        }
        assert!(read(&json!({"id": 1, "status": "draft"}), &about).is_none());
        assert!(read(&json!([]), &about).is_none());
    }
}
