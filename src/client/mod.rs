//! The app in the browser: starts, navigates, fetches, remembers, stays calm. All web-sys is here.
//! Each file is one thing that a browser does; what is drawn is decided in `view`.

mod backend;
mod boot;
mod document;
mod navigate;
mod net;
mod offline;
mod pages;
mod place;
mod prefetch;
mod refresh;
mod render;

pub use boot::boot;
