//! Manchette: a news front end that is readable before it loads.
//!
//! The map. [`content`] is the contract with the backend, plain data; [`route`] spells every
//! address; [`schedule`] says when to ask again; [`view`] turns data into markup, the same in the browser and natively. Two programs
//! are made of them: `client` is the app in the browser (wasm32), [`press`] the command on the
//! publisher's machine (everything else). `content` ← `view` ← `client`, `press`; never the other
//! way, never across.

#[cfg(target_arch = "wasm32")]
pub mod client;
pub mod content;
#[cfg(not(target_arch = "wasm32"))]
pub mod press;
pub mod route;
pub mod schedule;
pub mod view;
