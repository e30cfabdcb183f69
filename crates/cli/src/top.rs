//! The plugins of running hosts, live: `row` is one of them with its figures, `column` what is shown of it and sorted by,
//! `view` the screen and its keys.

mod column;
mod row;
mod view;

pub(crate) use column::{Column, plain};
pub(crate) use row::{Before, Row, rows};
pub(crate) use view::{View, Wish};
