use std::error::Error;

use bytes::{BufMut, BytesMut};
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::SqlType;

/// Values of one column, in the binary form of an array.
#[derive(Debug)]
pub(crate) struct Column {
    /// The column's type.
    pub(crate) sql: SqlType,
    cells: BytesMut,
    rows: i32,
}

impl Column {
    pub(crate) fn new(sql: SqlType) -> Self {
        Self { sql, cells: BytesMut::new(), rows: 0 }
    }

    /// Adds a value as an array has it: its length, or -1 for null, and its bytes.
    pub(crate) fn push(&mut self, cell: &[u8]) {
        self.cells.extend_from_slice(cell);
        self.rows += 1;
    }
}

impl ToSql for Column {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        let dimensions = i32::from(self.rows > 0);
        out.reserve(self.cells.len() + 20);
        out.put_i32(dimensions);
        // Whether there are nulls: the server looks at each value all the same.
        out.put_i32(1);
        out.put_u32(self.sql.element().oid());
        debug_assert_eq!(*ty, self.sql.array());
        if dimensions > 0 {
            out.put_i32(self.rows);
            out.put_i32(1);
            out.extend_from_slice(&self.cells);
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
