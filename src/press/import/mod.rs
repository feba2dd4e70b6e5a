//! What a CMS holds, as an edition: its HTML becomes the contract's nodes, and nothing else of it
//! gets through.

pub mod body;
pub mod text;
