//! What can come between a reader and a page: every way in which a document fails to arrive.
//! Plain data; the sentence that a reader is told stands with the views' words.

/// Why a document could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The backend says that there is no such document (404, 410).
    Missing,
    /// The backend answered with this HTTP status.
    Status(u16),
    /// No answer came: no network, a name that does not resolve, a refused connection, CORS.
    Network,
    /// The whole answer did not arrive in time.
    Timeout,
    /// Something came that is not JSON, an HTML page for one.
    NotJson,
    /// JSON began and broke off.
    Truncated,
    /// JSON of another shape; names the member.
    Shape(String),
    /// Over [`DOCUMENT_LIMIT`](super::DOCUMENT_LIMIT).
    TooLarge,
}
