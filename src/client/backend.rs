//! Where the edition's documents are, and how one becomes data.
//! The base stands in the page, `<meta name="manchette:api">`, so that it can be changed there.

use web_sys::Url;

use super::{
    boot::desk,
    document,
    net::{self, Stop, Wish},
    offline,
};
use crate::content::{self, Field};

/// The base of the backend's addresses, absolute.
pub struct Backend {
    base: String,
}

impl Backend {
    /// The backend that the page names; `/api/` where it names none.
    pub fn from_page() -> Self {
        let mut base = document::meta("manchette:api").unwrap_or_else(|| "/api/".to_owned());
        if !base.ends_with('/') {
            base.push('/');
        }
        Self {
            base: absolute(&base, &document::address()),
        }
    }

    /// The address of a document below the base.
    pub fn address(&self, document: &str) -> String {
        format!("{}{document}", self.base)
    }
}

/// `url` as seen from `base`; `url` itself where either is no address.
pub fn absolute(url: &str, base: &str) -> String {
    Url::new_with_base(url, base).map_or_else(|_| url.to_owned(), |url| url.href())
}

/// Fetches the document at `address` and reads it.
pub async fn document<T>(
    address: &str,
    read: fn(&Field) -> Option<T>,
    wish: Wish<'_>,
) -> Result<T, Stop> {
    let bytes = net::get(address, wish).await?;
    let decoded = content::decode(&bytes, read);
    if decoded.value.is_err() {
        for fault in &decoded.faults {
            document::report(&format!("{address}: {fault}"));
        }
    } else if desk().is_none() {
        offline::hand_over(address, &bytes);
    }
    decoded.value.map_err(Stop::Trouble)
}
