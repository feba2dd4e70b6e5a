//! Walking a JSON document member by member, remembering where one is and what was wrong there.
//! Knows JSON and faults; what a feed or an article is stands in the files beside this one.

use std::cell::RefCell;
use std::fmt;

use super::{Trouble, json::Json, shallow::shallow};

/// The largest document that is read, in bytes (2 MiB).
pub const DOCUMENT_LIMIT: usize = 2 << 20;

/// One thing in a document that is not as the contract has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Path of the member, as in `body.children[3].url`; empty for the document itself.
    pub member: String,
    /// What is wrong with it.
    pub what: String,
    /// Whether the whole document is refused for it.
    pub fatal: bool,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.member.is_empty() {
            return f.write_str(&self.what);
        }
        write!(f, "{}: {}", self.member, self.what)
    }
}

/// What came out of a document, and every fault that was met on the way.
#[derive(Debug)]
pub struct Decoded<T> {
    /// The value, or what a reader is to be told in its place.
    pub value: Result<T, Trouble>,
    /// The faults in the order in which they were met; those that are not fatal cost only the
    /// member that they name.
    pub faults: Vec<Fault>,
    /// How many nodes of unknown types were replaced by their children or left out.
    pub unknown_nodes: usize,
}

#[derive(Default)]
struct Notes {
    faults: RefCell<Vec<Fault>>,
    unknown_nodes: std::cell::Cell<usize>,
}

/// Reads `bytes` as JSON and hands its root to `read`, which returns `None` to refuse it whole.
pub fn decode<T>(bytes: &[u8], read: fn(&Field) -> Option<T>) -> Decoded<T> {
    let notes = Notes::default();
    let value = decode_into(bytes, read, &notes);
    Decoded {
        value,
        faults: notes.faults.into_inner(),
        unknown_nodes: notes.unknown_nodes.get(),
    }
}

fn decode_into<T>(
    bytes: &[u8],
    read: fn(&Field) -> Option<T>,
    notes: &Notes,
) -> Result<T, Trouble> {
    let refuse = |what: String, trouble: Trouble| {
        notes.faults.borrow_mut().push(Fault {
            member: String::new(),
            what,
            fatal: true,
        });
        Err(trouble)
    };
    if bytes.len() > DOCUMENT_LIMIT {
        return refuse("is over 2 MiB".to_owned(), Trouble::TooLarge);
    }
    let text = shallow(bytes);
    let value = match serde_json::from_slice::<Json>(&text) {
        Ok(value) => value,
        Err(error) if error.is_eof() && !bytes.is_empty() => {
            return refuse(format!("breaks off: {error}"), Trouble::Truncated);
        }
        Err(_) if bytes.starts_with(b"\xef\xbb\xbf") => {
            return refuse("begins with a byte-order mark".into(), Trouble::NotJson);
        }
        Err(error) => return refuse(format!("is not JSON: {error}"), Trouble::NotJson),
    };
    if !matches!(value, Json::Object(_)) {
        let what = "must be an object".to_owned();
        return refuse(what.clone(), Trouble::Shape(what));
    }
    let root = Field {
        value: Some(&value),
        up: None,
        step: Step::Member(""),
        notes,
    };
    read(&root).ok_or_else(|| {
        let faults = notes.faults.borrow();
        let fatal = faults.iter().find(|fault| fault.fatal);
        Trouble::Shape(fatal.map(ToString::to_string).unwrap_or_default())
    })
}

#[derive(Clone, Copy)]
enum Step {
    Member(&'static str),
    Index(usize),
}

/// One place in a document: the value there, if there is one, and the way to it.
#[derive(Clone, Copy)]
pub struct Field<'a> {
    value: Option<&'a Json<'a>>,
    up: Option<&'a Field<'a>>,
    step: Step,
    notes: &'a Notes,
}

impl<'a> Field<'a> {
    /// An mdast node's `type`; empty where there is none.
    #[must_use]
    pub fn type_name(&self) -> &'a str {
        let kind = self.value.and_then(|value| value.get("type"));
        kind.and_then(Json::as_str).unwrap_or_default()
    }

    /// The member `name` of this object; an absent one is a field too.
    #[must_use]
    pub fn member(&self, name: &'static str) -> Field<'_> {
        Field {
            value: self
                .value
                .and_then(|value| value.get(name))
                .filter(|value| !matches!(value, Json::Null)),
            up: Some(self),
            step: Step::Member(name),
            notes: self.notes,
        }
    }

    /// Whether there is nothing here (`null` is nothing).
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.value.is_none()
    }

    /// Whether this is an object; says so as a fault where it is something else.
    #[must_use]
    pub fn is_object(&self) -> bool {
        match self.value {
            Some(Json::Object(_)) => true,
            Some(_) => {
                self.fault("must be an object");
                false
            }
            None => false,
        }
    }

    /// The string here, as it is; `None` without a fault where there is none.
    #[must_use]
    pub fn raw(&self) -> Option<&str> {
        self.value.and_then(Json::as_str)
    }

    /// The string here with the white space at its ends taken off, unless that leaves nothing.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        match self.value? {
            Json::Text(text) => {
                let text = text.trim();
                (!text.is_empty()).then(|| text.to_owned())
            }
            _ => {
                self.fault("must be a string");
                None
            }
        }
    }

    /// The string here read by `parse`; what it refuses is a fault that says `what` it must be.
    #[must_use]
    pub fn parsed<T>(&self, parse: fn(&str) -> Option<T>, what: &str) -> Option<T> {
        let text = self.text()?;
        let value = parse(&text);
        if value.is_none() {
            self.fault(what);
        }
        value
    }

    /// The whole number here, where it fits.
    #[must_use]
    pub fn number(&self) -> Option<u32> {
        let number = match self.value? {
            Json::Number(text) => text.parse().ok(),
            _ => None,
        };
        if number.is_none() {
            self.fault("must be a whole number");
        }
        number
    }

    /// The boolean here; anything else is `false`.
    #[must_use]
    pub fn flag(&self) -> bool {
        match self.value {
            Some(Json::Bool(flag)) => *flag,
            None => false,
            Some(_) => {
                self.fault("must be true or false");
                false
            }
        }
    }

    /// A string, or a number taken as text (JSON Feed 1.1, `id`).
    #[must_use]
    pub fn text_or_number(&self) -> Option<String> {
        match self.value? {
            Json::Number(number) => Some(number.to_string()),
            _ => self.text(),
        }
    }

    /// What `read` makes of each element of the list here; those it returns `None` for are left
    /// out.
    pub fn list<T>(&self, mut read: impl FnMut(&Field) -> Option<T>) -> Vec<T> {
        let mut list = Vec::new();
        self.each(&mut |field| list.extend(read(field)));
        list
    }

    /// Calls `visit` with each element of the list here.
    pub fn each(&self, visit: &mut dyn FnMut(&Field)) {
        match self.value {
            Some(Json::List(values)) => {
                for (index, value) in values.iter().enumerate() {
                    visit(&Field {
                        value: Some(value),
                        up: Some(self),
                        step: Step::Index(index),
                        notes: self.notes,
                    });
                }
            }
            Some(_) => self.fault("must be a list"),
            None => {}
        }
    }

    /// How many elements the list here has.
    #[must_use]
    pub fn len(&self) -> usize {
        match self.value {
            Some(Json::List(values)) => values.len(),
            _ => 0,
        }
    }

    /// Whether the list here has no element.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Notes that something here is wrong and costs only this member.
    pub fn fault(&self, what: &str) {
        self.note(what, false);
    }

    /// Notes that something here is wrong and costs the whole document.
    pub fn refuse(&self, what: &str) {
        self.note(what, true);
    }

    /// Counts a node of a type that the contract does not have; that is no fault.
    pub fn unknown_node(&self) {
        let count = &self.notes.unknown_nodes;
        count.set(count.get() + 1);
    }

    fn note(&self, what: &str, fatal: bool) {
        self.notes.faults.borrow_mut().push(Fault {
            member: self.path(),
            what: what.to_owned(),
            fatal,
        });
    }

    fn path(&self) -> String {
        let mut path = self.up.map(Field::path).unwrap_or_default();
        match self.step {
            Step::Member(name) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(name);
            }
            Step::Index(index) => {
                path.push('[');
                path.push_str(&index.to_string());
                path.push(']');
            }
        }
        path
    }
}
