//! The barest program that writes rows: it has them at hand as the server wants them, and does nothing else.
//!
//!     cargo run --release -p kalends-sink-postgres --example bare_rows -- postgres://USER@HOST:PORT/DATABASE SCHEMA.TABLE ROWS
//!
//! Takes rows of the table to hand, writes so many like them into an empty table `bare` in commits as the sink makes them, with a
//! position beside them, and drops it. Prints the seconds that this took, and the seconds of its own CPU time.

#![expect(clippy::print_stdout, reason = "a program for people")]

use std::{error::Error, fs, time::Instant};

use bytes::BytesMut;
use tokio_postgres::{
    Client, NoTls,
    types::{FromSql, IsNull, Kind, ToSql, Type, to_sql_checked},
};

type Failed = Box<dyn Error + Sync + Send>;

/// Rows of one commit, as the sink has them.
const BATCH: u32 = 5000;

/// Rows at hand: many enough that no cache of the processor holds them all.
const AT_HAND: u32 = 20_000;

/// A length that stands for null in the protocol.
const NULL: [u8; 4] = [0xff; 4];

/// Linux counts a process' time in hundredths of a second wherever programs can see it.
const TICKS_PER_SECOND: f64 = 100.0;

/// A value in the binary form of the protocol.
#[derive(Debug)]
struct Raw(Vec<u8>);

impl FromSql<'_> for Raw {
    fn from_sql(_: &Type, raw: &[u8]) -> Result<Self, Failed> {
        Ok(Self(raw.to_vec()))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

impl ToSql for Raw {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Failed> {
        out.extend_from_slice(&self.0);
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

struct Column {
    name: String,
    element: Type,
    /// The type of an array of its values, and what each is cast to.
    array: Type,
    cast: &'static str,
    cells: Vec<Option<Raw>>,
}

fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, table, rows] = arguments.as_slice() else {
        return Err("which database, which table, how many rows?".into());
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run(address, table, rows.parse()?))
}

async fn run(address: &str, table: &str, rows: u32) -> Result<(), Failed> {
    let (client, driver) = tokio_postgres::connect(address, NoTls).await?;
    tokio::spawn(driver);
    let columns = read(&client, table).await?;
    let make = format!(
        "CREATE TABLE bare (LIKE {table} INCLUDING ALL); CREATE TABLE bare_position AS SELECT 0::bigint AS position"
    );
    client.batch_execute(&make).await?;
    let statement = statement(&columns);
    let (cpu, began) = (cpu_seconds()?, Instant::now());
    let mut written = 0;
    while written < rows {
        let count = (rows - written).min(BATCH);
        commit(&client, &statement, &columns, written, count).await?;
        written += count;
    }
    println!("{:.3} {:.3}", began.elapsed().as_secs_f64(), cpu_seconds()? - cpu);
    client.batch_execute("DROP TABLE bare, bare_position").await?;
    Ok(())
}

async fn read(client: &Client, table: &str) -> Result<Vec<Column>, Failed> {
    let described = client.prepare(&format!("SELECT * FROM {table}")).await?;
    let mut columns = Vec::new();
    for column in described.columns() {
        let is_array = matches!(column.type_().kind(), Kind::Array(_));
        let element = if is_array { Type::TEXT } else { column.type_().clone() };
        columns.push(Column {
            name: column.name().to_owned(),
            array: array_of(&element)?,
            element,
            cast: if is_array { "::text[]" } else { "" },
            cells: Vec::new(),
        });
    }
    let as_text = |column: &Column| if column.cast.is_empty() { "" } else { "::text" };
    let taken: Vec<_> =
        columns.iter().map(|column| format!("\"{}\"{}", column.name, as_text(column))).collect();
    let query = format!("SELECT {} FROM {table} ORDER BY journal_position LIMIT {AT_HAND}", taken.join(", "));
    for row in client.query_typed(&query, &[]).await? {
        for (index, column) in columns.iter_mut().enumerate() {
            column.cells.push(row.try_get(index)?);
        }
    }
    Ok(columns)
}

fn array_of(element: &Type) -> Result<Type, Failed> {
    Ok(match *element {
        Type::TEXT => Type::TEXT_ARRAY,
        Type::BOOL => Type::BOOL_ARRAY,
        Type::INT4 => Type::INT4_ARRAY,
        Type::INT8 => Type::INT8_ARRAY,
        Type::FLOAT8 => Type::FLOAT8_ARRAY,
        Type::TIMESTAMPTZ => Type::TIMESTAMPTZ_ARRAY,
        Type::JSON => Type::JSON_ARRAY,
        Type::BYTEA => Type::BYTEA_ARRAY,
        ref other => return Err(format!("a column of another kind: {other}").into()),
    })
}

fn statement(columns: &[Column]) -> String {
    let (mut names, mut values, mut arrays, mut aliases) = (vec![], vec![], vec![], vec![]);
    for (column, number) in columns.iter().zip(1..) {
        names.push(format!("\"{}\"", column.name));
        values.push(format!("c{number}{}", column.cast));
        arrays.push(format!("${number}"));
        aliases.push(format!("c{number}"));
    }
    format!(
        "INSERT INTO bare ({}) SELECT {} FROM unnest({}) AS u({})",
        names.join(", "),
        values.join(", "),
        arrays.join(", "),
        aliases.join(", ")
    )
}

async fn commit(
    client: &Client,
    statement: &str,
    columns: &[Column],
    written: u32,
    count: u32,
) -> Result<(), Failed> {
    let arrays: Vec<Raw> =
        columns.iter().map(|column| array(column, written, count)).collect::<Result<_, Failed>>()?;
    let mut parameters: Vec<(&(dyn ToSql + Sync), Type)> = Vec::new();
    for (array, column) in arrays.iter().zip(columns) {
        parameters.push((array, column.array.clone()));
    }
    client.batch_execute("BEGIN").await?;
    client.batch_execute(&format!("UPDATE bare_position SET position = {}", written + count)).await?;
    client.execute_typed(statement, &parameters).await?;
    client.batch_execute("COMMIT").await?;
    Ok(())
}

/// An array of so many cells from the row of this number on; positions go on without end.
fn array(column: &Column, written: u32, count: u32) -> Result<Raw, Failed> {
    let mut out = Vec::new();
    for word in [1, 1, column.element.oid(), count, 1] {
        out.extend_from_slice(&word.to_be_bytes());
    }
    for number in written..written + count {
        if column.name == "journal_position" {
            out.extend_from_slice(&8_u32.to_be_bytes());
            out.extend_from_slice(&i64::from(number + 1).to_be_bytes());
            continue;
        }
        let at = usize::try_from(number)?.checked_rem(column.cells.len()).unwrap_or_default();
        match column.cells.get(at).and_then(Option::as_ref) {
            Some(Raw(cell)) => {
                out.extend_from_slice(&u32::try_from(cell.len())?.to_be_bytes());
                out.extend_from_slice(cell);
            }
            None => out.extend_from_slice(&NULL),
        }
    }
    Ok(Raw(out))
}

/// User and system time of this process.
fn cpu_seconds() -> Result<f64, Failed> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, rest) = stat.rsplit_once(')').ok_or("no program's name in stat")?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok());
    let (user, system) = ticks(11).zip(ticks(12)).ok_or("no times in stat")?;
    Ok((user + system) / TICKS_PER_SECOND)
}
