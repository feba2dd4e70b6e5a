//! Feeds as sources.
use super::{Visit, store::Store};
use std::io;
/// JSON
pub fn sync_json(_visit: &Visit<'_>, _store: &mut Store) -> io::Result<()> {
    Ok(())
}
/// XML
pub fn sync_xml(_visit: &Visit<'_>, _store: &mut Store) -> io::Result<()> {
    Ok(())
}
