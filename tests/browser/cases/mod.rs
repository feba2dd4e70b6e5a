//! What a reader gets: one file a subject, one function a case, in the words of the design.
//! A new subject is a new file here, and its `CASES` in the list in main.rs.

pub mod browser;
pub mod deployed;
pub mod edge;
pub mod faults;
pub mod imported;
pub mod lists;
pub mod looks;
pub mod moving;
pub mod offline;
pub mod pictures;
pub mod prerendered;
pub mod reading;
pub mod slow;
pub mod strange;
pub mod text_size;
pub mod walks;
pub mod without;
