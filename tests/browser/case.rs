//! What a case is, and how it fails.
//! How cases are run is in runner.rs.

use std::fmt;
use std::panic::Location;
use std::pin::Pin;

use crate::Trouble;
use crate::engine::Needs;
use crate::page::Page;
use crate::site::Site;

/// A function `async fn name(site: &Site, page: &Page) -> Done`, listed with `case!(name, needs)`.
#[derive(Debug)]
pub struct Case {
    pub subject: &'static str,
    pub name: &'static str,
    pub needs: Needs,
    pub fault: Option<Fault>,
    pub run: for<'a> fn(&'a Site, &'a Page) -> Running<'a>,
}

/// What goes wrong in a case, and what comes of it, both in plain words: a row in RELIABILITY.md.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    pub what: &'static str,
    pub seen: &'static str,
}

type Running<'a> = Pin<Box<dyn Future<Output = Done> + 'a>>;

pub type Done = Result<(), Failure>;

/// Trouble, and the line of the case that met it.
#[derive(Debug)]
pub struct Failure {
    trouble: Trouble,
    at: &'static Location<'static>,
}

impl<T: Into<Trouble>> From<T> for Failure {
    #[track_caller]
    fn from(trouble: T) -> Self {
        Self {
            trouble: trouble.into(),
            at: Location::caller(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.at, self.trouble)
    }
}

/// A case named like its function, of the subject that its file is about.
macro_rules! case {
    ($function:ident) => {
        case!($function, $crate::engine::Needs::NOTHING)
    };
    ($function:ident, $needs:expr) => {
        $crate::case::Case {
            subject: module_path!(),
            name: stringify!($function),
            needs: $needs,
            fault: None,
            run: |site, page| Box::pin($function(site, page)),
        }
    };
}
pub(crate) use case;

/// A case that is about a fault: `fault!(name, needs, "what goes wrong", "what the reader sees")`. It
/// must measure how long a reader waits, by `Page::reads`.
macro_rules! fault {
    ($function:ident, $what:literal, $seen:literal) => {
        fault!($function, $crate::engine::Needs::NOTHING, $what, $seen)
    };
    ($function:ident, $needs:expr, $what:literal, $seen:literal) => {
        $crate::case::Case {
            fault: Some($crate::case::Fault {
                what: $what,
                seen: $seen,
            }),
            ..$crate::case::case!($function, $needs)
        }
    };
}
pub(crate) use fault;
