//! What an import keeps for the next one, below `.manchette/import/` in the edition's folder: the posts
//! as they were fetched, what was made of them, and the addresses that were given out.
//
// Posts and pictures are kept as they come, so that an import that broke off goes on where it was.
// Everything else is kept when all is done.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::media::Shot;
use super::post::{About, Post, Term};
use crate::content::Slug;
use crate::press::memory::key;
use crate::press::output::{Files, OWN, Written, in_file, remove, write};

/// The folder, in the edition's own.
pub const FOLDER: &str = "import";
/// The form of the state; another one is read as none. What was fetched is then taken from the posts'
/// own files, and the addresses from theirs.
const FORM: u64 = 2;

/// A post without its body, and what is known of the article made of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Card {
    /// The version of the post that the source has; this one, or one that could not be taken.
    pub seen: String,
    /// The post; its body is in a file of its own.
    pub post: Post,
    /// The whole post in a number.
    pub hash: u64,
    /// Length of the body in bytes.
    pub length: usize,
    /// What its body asked for, and what the answer was, in a number: links to other articles, pictures.
    pub asked: Vec<(String, u64)>,
    /// Whether its body was looked through for pictures.
    pub looked: bool,
    /// The addresses of the pictures in its body.
    pub pictures: BTreeSet<String>,
    /// What fell away from its body, by kind.
    pub dropped: BTreeMap<String, u32>,
    /// Why there is no article of it, or why it is an older version's.
    pub fault: Option<String>,
    /// Whether there is an article of it all the same.
    pub usable: bool,
}

/// What is known from earlier runs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct State {
    /// Where the REST interface is.
    pub root: Option<String>,
    /// The site.
    pub about: About,
    /// Its categories.
    pub terms: BTreeMap<String, Term>,
    /// Its posts.
    pub posts: BTreeMap<String, Card>,
    /// The posts that were asked for and could not be had, by id.
    pub owed: BTreeSet<String>,
    /// Versions of pictures' entries that were seen lately, by id.
    pub media: BTreeMap<String, String>,
    /// What became of pictures, by address.
    pub pictures: BTreeMap<String, Shot>,
    /// What a feed's server called its document (RFC 9110, section 8.8.3).
    pub tag: Option<String>,
    /// Whether all posts have been listed once.
    pub complete: bool,
    /// How many posts the source counts and does not show.
    pub hidden: usize,
    /// The edition's files.
    pub files: Files,
}

/// The addresses that were given out, in a file that people can read and other versions too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addresses {
    /// Kind and address of the source.
    pub source: String,
    /// The slug of each post, by id: as the source had it, and as it is here.
    pub slugs: BTreeMap<String, (String, Slug)>,
    /// The page of each post, by id.
    pub pages: BTreeMap<String, String>,
    /// Where old pages lead.
    pub redirects: BTreeMap<String, String>,
}

/// The folder, and what is in it.
#[derive(Debug)]
pub struct Store {
    /// The edition's folder.
    pub out: PathBuf,
    /// What is known.
    pub state: State,
    /// The addresses.
    pub addresses: Addresses,
    /// In a dry run nothing is written: the posts that were fetched are here.
    dry: Option<Mutex<BTreeMap<String, Post>>>,
    /// The posts that the source no longer has; their files go at the end.
    gone: BTreeSet<String>,
}

impl Store {
    /// What is in the folder of an edition. `dry` writes nothing.
    pub fn open(out: &Path, dry: bool) -> io::Result<Self> {
        let own = out.join(OWN).join(FOLDER);
        let file = own.join("addresses.json");
        let addresses = match fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| io::Error::other(format!("{}: {error}", file.display())))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Addresses::default(),
            Err(error) => return Err(in_file(&file, &error)),
        };
        let mut state = read_state(&own).unwrap_or_else(|| State {
            files: files_of(out),
            ..State::default()
        });
        for line in fs::read_to_string(own.join("pictures"))
            .unwrap_or_default()
            .lines()
        {
            // The last line may have been cut.
            if let Ok((url, shot)) = serde_json::from_str::<(String, Shot)>(line) {
                state.pictures.insert(url, shot);
            }
        }
        Ok(Self {
            out: out.to_owned(),
            state,
            addresses,
            dry: dry.then(Mutex::default),
            gone: BTreeSet::new(),
        })
    }

    /// Whether nothing is written.
    pub fn is_dry(&self) -> bool {
        self.dry.is_some()
    }

    fn own(&self) -> PathBuf {
        self.out.join(OWN).join(FOLDER)
    }

    fn file_of(&self, id: &str) -> PathBuf {
        // An id is the source's word: only its number is a name here.
        self.own()
            .join("posts")
            .join(format!("{:016x}.json", key(&[id.as_bytes()])))
    }

    /// Keeps a post that was fetched, until it is taken.
    pub fn keep_aside(&self, post: &Post) -> io::Result<()> {
        if self.is_dry() {
            return Ok(());
        }
        let bytes = serde_json::to_vec(post).map_err(io::Error::other)?;
        write(&aside(&self.file_of(&post.id)), &bytes)
    }

    /// Keeps a post that was taken.
    fn keep(&self, post: &Post) -> io::Result<()> {
        if let Some(dry) = &self.dry {
            let mut dry = dry.lock().unwrap_or_else(PoisonError::into_inner);
            dry.insert(post.id.clone(), post.clone());
            return Ok(());
        }
        let bytes = serde_json::to_vec(post).map_err(io::Error::other)?;
        let file = self.file_of(&post.id);
        write(&file, &bytes)?;
        remove(&aside(&file)).map(|_| ())
    }

    /// A post as it was last kept.
    pub fn post(&self, id: &str) -> Option<Post> {
        if let Some(dry) = &self.dry {
            let dry = dry.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(post) = dry.get(id) {
                return Some(post.clone());
            }
        }
        read_post(&self.file_of(id), id)
    }

    /// A post that an import which broke off has left in this very version.
    pub fn left_over(&self, id: &str, stamp: &str) -> Option<Post> {
        let file = self.file_of(id);
        let left = [aside(&file), file]
            .into_iter()
            .filter_map(|file| read_post(&file, id));
        left.into_iter().find(|post| post.stamp == stamp)
    }

    /// Takes a version of a post, unless what is there is better: then that stays, with the reason.
    /// With `whole` an older version's merits do not count.
    pub fn take(&mut self, post: Post, refused: Option<String>, whole: bool) -> io::Result<()> {
        let before = self.state.posts.get(&post.id);
        let had_text = before.is_some_and(|card| card.usable && card.length > 0);
        let refused = refused.or_else(|| {
            let emptied = had_text && !whole && !post.barred && post.body.trim().is_empty();
            emptied.then(|| "comes without its text, which it had".to_owned())
        });
        if let Some(what) = refused {
            let kept = before.filter(|card| card.usable && !post.barred).cloned();
            let card = match kept {
                Some(card) => Card {
                    seen: post.stamp,
                    fault: Some(format!("{what}; the article stays as it was")),
                    ..card
                },
                None => Card {
                    fault: Some(what),
                    usable: false,
                    ..Card::new(post)
                },
            };
            if !self.is_dry() {
                remove(&aside(&self.file_of(&card.post.id)))?;
            }
            self.state.posts.insert(card.post.id.clone(), card);
            return Ok(());
        }
        self.keep(&post)?;
        self.gone.remove(&post.id);
        let old = self.state.posts.remove(&post.id);
        let mut card = Card::new(post);
        // Archive pages that are full may still show the pictures that it had.
        if let Some(old) = old.filter(|_| !whole) {
            card.pictures = old.pictures;
            card.pictures
                .extend(old.post.picture.map(|picture| picture.url));
        }
        self.state.posts.insert(card.post.id.clone(), card);
        Ok(())
    }

    /// Says that the source no longer has a post.
    pub fn withdraw(&mut self, id: &str) {
        if self.state.posts.remove(id).is_some() {
            self.gone.insert(id.to_owned());
        }
    }

    /// Notes what became of pictures, before the run is over.
    pub fn note_pictures(&self, shots: &[(String, Shot)]) -> io::Result<()> {
        if self.is_dry() || shots.is_empty() {
            return Ok(());
        }
        let path = self.own().join("pictures");
        let mut text = String::new();
        for shot in shots {
            text.push_str(&serde_json::to_string(shot).map_err(io::Error::other)?);
            text.push('\n');
        }
        let file = fs::File::options().append(true).create(true).open(&path);
        file.and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(|error| in_file(&path, &error))
    }

    /// The addresses as a file, for one that is written with the edition.
    pub fn save_addresses(&self) -> io::Result<()> {
        if self.is_dry() {
            return Ok(());
        }
        let bytes = serde_json::to_vec_pretty(&self.addresses).map_err(io::Error::other)?;
        replace(&self.own().join("addresses.json"), &bytes)
    }

    /// Keeps everything: the run is done.
    pub fn close(&mut self) -> io::Result<()> {
        if self.is_dry() {
            return Ok(());
        }
        let own = self.own();
        let bytes = postcard::to_extend(&self.state, FORM.to_le_bytes().to_vec());
        replace(&own.join("state"), &bytes.map_err(io::Error::other)?)?;
        remove(&own.join("pictures"))?;
        for id in std::mem::take(&mut self.gone) {
            remove(&self.file_of(&id))?;
        }
        Ok(())
    }
}

impl Card {
    fn new(mut post: Post) -> Self {
        let bytes = serde_json::to_vec(&post).unwrap_or_default();
        let body = std::mem::take(&mut post.body);
        Self {
            seen: post.stamp.clone(),
            hash: key(&[&bytes]),
            length: body.trim().len(),
            asked: Vec::new(),
            looked: false,
            pictures: BTreeSet::new(),
            dropped: BTreeMap::new(),
            fault: None,
            usable: true,
            post,
        }
    }
}

/// Where a post waits until it is taken.
fn aside(file: &Path) -> PathBuf {
    file.with_extension("new")
}

fn read_post(file: &Path, id: &str) -> Option<Post> {
    let bytes = fs::read(file).ok()?;
    // One that was cut is no JSON.
    let post: Post = serde_json::from_slice(&bytes).ok()?;
    (post.id == id).then_some(post)
}

/// Writes a file whole, unless it is as it should be.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    let beside = path.with_extension("new");
    write(&beside, bytes)?;
    fs::rename(&beside, path).map_err(|error| in_file(path, &error))
}

fn read_state(own: &Path) -> Option<State> {
    let bytes = fs::read(own.join("state")).ok()?;
    let (form, bytes) = bytes.split_first_chunk::<8>()?;
    (u64::from_le_bytes(*form) == FORM).then_some(())?;
    postcard::from_bytes(bytes).ok()
}

/// The files of an edition of which no state is left: the folder is the import's own.
fn files_of(out: &Path) -> Files {
    let mut files = Files::new();
    let mut folders = vec![
        "articles".to_owned(),
        "feeds".to_owned(),
        "media".to_owned(),
    ];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(out.join(&folder)) else {
            continue;
        };
        for entry in entries.flatten() {
            let file = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(file);
            } else {
                let length = entry.metadata().map_or(0, |data| data.len());
                let packed = false;
                files.insert(
                    file,
                    Written {
                        key: 0,
                        length,
                        packed,
                    },
                );
            }
        }
    }
    files
}
