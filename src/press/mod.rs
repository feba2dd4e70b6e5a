//! The `manchette` command, on the publisher's machine: makes an edition of a CMS, fetches and
//! checks one, writes its schemas and its pages.
//! Native only; knows `content` and `view`, never `client`.

mod assets;
mod check;
mod cli;
mod edition;
mod feeds;
mod head;
mod html;
pub mod http;
pub mod import;
mod lists;
mod memory;
mod mirror;
mod output;
mod pack;
mod policy;
mod prerender;
mod schema;
mod shell;

pub use check::{Report, check};
pub use cli::run;
pub use html::html;
pub use mirror::mirror;
pub use output::Counts;
pub use prerender::{Options, Summary, prerender};
pub use schema::{schemas, write_schemas};
