//! A table as rows of equal length: the contract's cells span nothing, so what spans several leaves
//! empty ones beside and below it.

use crate::content::{Inline, Row, TableCell};

/// Columns that are kept.
pub const COLUMNS: usize = 40;

/// Rows that a cell may span.
const ROWS: usize = 1_000;

/// A table that is being read.
#[derive(Default)]
pub struct Grid {
    rows: Vec<Vec<TableCell>>,
    /// For each column, how many rows are still taken by a cell above.
    taken: Vec<usize>,
}

impl Grid {
    /// Begins a row.
    pub fn row(&mut self) {
        self.end_row();
        self.rows.push(Vec::new());
    }

    /// Adds a cell; false where the table has no more columns.
    pub fn cell(&mut self, children: Vec<Inline>, columns: usize, rows: usize) -> bool {
        if self.rows.is_empty() {
            self.rows.push(Vec::new());
        }
        self.skip_taken();
        let Some(row) = self.rows.last_mut() else {
            return false;
        };
        if row.len() >= COLUMNS {
            return false;
        }
        let columns = columns.clamp(1, COLUMNS - row.len());
        let mut children = Some(children);
        for _ in 0..columns {
            let at = row.len();
            self.taken.resize(self.taken.len().max(at + 1), 0);
            self.taken[at] = rows.clamp(1, ROWS);
            row.push(TableCell {
                children: children.take().unwrap_or_default(),
            });
        }
        true
    }

    fn skip_taken(&mut self) {
        let Some(row) = self.rows.last_mut() else {
            return;
        };
        while self.taken.get(row.len()).is_some_and(|rows| *rows > 0) {
            row.push(TableCell {
                children: Vec::new(),
            });
        }
    }

    fn end_row(&mut self) {
        if self.rows.is_empty() {
            return;
        }
        self.skip_taken();
        for rows in &mut self.taken {
            *rows = rows.saturating_sub(1);
        }
    }

    /// The rows; those without any text are left out.
    pub fn finish(mut self) -> Vec<Row> {
        self.end_row();
        let filled = |row: &Vec<TableCell>| row.iter().any(|cell| !cell.children.is_empty());
        self.rows.retain(filled);
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let rows = self.rows.into_iter().map(|mut row| {
            row.resize(
                columns,
                TableCell {
                    children: Vec::new(),
                },
            );
            Row { children: row }
        });
        rows.collect()
    }
}
