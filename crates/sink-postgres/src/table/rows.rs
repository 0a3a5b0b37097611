use super::{Cells, Column, Table};

/// Rows of one table, gathered for one statement.
#[derive(Debug)]
pub(crate) struct Rows {
    columns: Vec<Column>,
    count: u64,
}

impl Rows {
    pub(crate) fn new(table: &Table) -> Self {
        Self { columns: table.types.iter().map(|sql| Column::new(*sql)).collect(), count: 0 }
    }

    pub(crate) fn push(&mut self, cells: &Cells) {
        for (column, cell) in self.columns.iter_mut().zip(cells.iter()) {
            column.push(cell);
        }
        self.count += 1;
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn columns(&self) -> &[Column] {
        &self.columns
    }
}
