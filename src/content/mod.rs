//! The contract: what a backend may say, as plain data that is right by type once it has been read.
//! Nothing here knows Leptos, the browser or the disk; everything else in the crate knows this.

mod article;
mod body;
mod carried;
mod date;
mod decode;
mod feed;
mod image;
mod json;
mod shallow;
mod site;
mod slug;
mod trouble;
mod url;

pub use article::{Article, Author, AuthorKind};
pub use body::{Block, Body, Inline, ListItem, NESTING_LIMIT, Row, TableCell};
pub use carried::Carried;
pub use date::Date;
pub use decode::{DOCUMENT_LIMIT, Decoded, Fault, Field, decode};
pub use feed::{Extension, Feed, Item};
pub use image::{Candidate, Image, Srcset};
pub use site::{Section, Site, direction};
pub use slug::{RESERVED_SECTIONS, Slug};
pub use trouble::Trouble;
pub use url::{Base, Href, Src, url_safe};
