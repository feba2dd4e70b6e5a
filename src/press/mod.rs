//! The `manchette` command, on the publisher's machine: checks an edition, writes its schema.
//! Native only; knows `content` and `view`, never `client`.

mod check;
mod cli;
mod html;
mod schema;

pub use check::{Report, check};
pub use cli::run;
pub use html::{html, page};
pub use schema::{schemas, write_schemas};
