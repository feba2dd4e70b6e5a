//! Feeds as sources.
use std::io;
use super::{Visit, store::Store};
/// JSON
pub fn sync_json(_visit: &Visit<'_>, _store: &mut Store) -> io::Result<()> { Ok(()) }
/// XML
pub fn sync_xml(_visit: &Visit<'_>, _store: &mut Store) -> io::Result<()> { Ok(()) }
