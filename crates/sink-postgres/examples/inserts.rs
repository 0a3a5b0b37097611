//! Compares ways to get rows of 47 columns into a table, each in a transaction of its own:
//!
//!     cargo run --release -p kalends-sink-postgres --example inserts -- postgres://kalends@127.0.0.1:5432/kalends [seconds]
//!
//! What is sent is made ahead, so that the server and the protocol are measured. Prints rows per second, by rows a commit.

#![expect(clippy::print_stdout, reason = "a program for people")]

use std::{
    error::Error,
    time::{Duration, Instant},
};

use bytes::{BufMut, Bytes, BytesMut};
use tokio_postgres::{
    Client, NoTls,
    types::{IsNull, ToSql, Type, to_sql_checked},
};

type Failed = Box<dyn Error + Sync + Send>;

const COLUMNS: usize = 47;
const SIZES: [usize; 5] = [1, 10, 100, 1000, 10_000];
/// A statement has at most 65,535 parameters.
const MOST_VALUES: usize = 65_535 / COLUMNS;

/// A value in the binary form of the protocol.
#[derive(Debug)]
struct Raw(Vec<u8>);

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

#[derive(Debug, Clone, Copy)]
enum Way {
    Unnest,
    Values,
    Copy,
}

fn main() -> Result<(), Failed> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().ok_or("which database? postgres://USER@HOST:PORT/DATABASE")?;
    let seconds = arguments.next().map_or(Ok(2), |text| text.parse())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(compare(&address, Duration::from_secs(seconds)))
}

async fn compare(address: &str, each: Duration) -> Result<(), Failed> {
    let (client, driver) = tokio_postgres::connect(address, NoTls).await?;
    tokio::spawn(driver);
    let columns: Vec<String> = (0..COLUMNS).map(|n| format!("c{n} text")).collect();
    let table = format!(
        "DROP TABLE IF EXISTS inserts; CREATE TABLE inserts (position bigserial PRIMARY KEY, {})",
        columns.join(", ")
    );
    client.batch_execute(&table).await?;
    println!("rows a commit: {SIZES:?}; rows per second:");
    for way in [Way::Unnest, Way::Values, Way::Copy] {
        let mut rates = Vec::new();
        for size in SIZES {
            client.batch_execute("TRUNCATE inserts").await?;
            rates.push(rate(&client, way, size, each).await?);
        }
        println!("{way:?}: {rates:?}");
    }
    client.batch_execute("DROP TABLE inserts").await?;
    Ok(())
}

async fn rate(client: &Client, way: Way, size: usize, each: Duration) -> Result<u64, Failed> {
    let load = Load::new(way, size);
    let (begun, mut rows) = (Instant::now(), 0);
    while begun.elapsed() < each {
        client.batch_execute("BEGIN").await?;
        load.send(client).await?;
        client.batch_execute("COMMIT").await?;
        rows += size;
    }
    let micros = u64::try_from(begun.elapsed().as_micros())?;
    Ok(u64::try_from(rows)? * 1_000_000 / micros)
}

/// One statement and what goes with it.
struct Statement {
    text: String,
    parameters: Vec<(Raw, Type)>,
}

enum Load {
    Statements(Vec<Statement>),
    Copy(String, Bytes),
}

impl Load {
    fn new(way: Way, size: usize) -> Self {
        match way {
            Way::Unnest => Self::Statements(vec![unnest(size)]),
            Way::Values => {
                let full = std::iter::repeat_n(MOST_VALUES, size / MOST_VALUES);
                let rest = Some(size % MOST_VALUES).filter(|rest| *rest > 0);
                Self::Statements(full.chain(rest).map(values).collect())
            }
            Way::Copy => Self::Copy(format!("COPY inserts ({}) FROM STDIN BINARY", names("")), copy(size)),
        }
    }

    async fn send(&self, client: &Client) -> Result<(), Failed> {
        match self {
            Self::Statements(statements) => {
                for statement in statements {
                    let parameters: Vec<_> = statement
                        .parameters
                        .iter()
                        .map(|(value, ty)| -> (&(dyn ToSql + Sync), Type) { (value, ty.clone()) })
                        .collect();
                    client.execute_typed(&statement.text, &parameters).await?;
                }
            }
            Self::Copy(statement, bytes) => {
                let mut sink = Box::pin(client.copy_in::<_, Bytes>(statement.as_str()).await?);
                std::future::poll_fn(|cx| futures_sink::Sink::poll_ready(sink.as_mut(), cx)).await?;
                futures_sink::Sink::start_send(sink.as_mut(), bytes.clone())?;
                sink.as_mut().finish().await?;
            }
        }
        Ok(())
    }
}

fn names(prefix: &str) -> String {
    (0..COLUMNS).map(|n| format!("{prefix}c{n}")).collect::<Vec<_>>().join(", ")
}

fn value(row: usize, column: usize) -> Option<Vec<u8>> {
    // A third of a record's fields is null.
    (column % 3 != 2).then(|| format!("value {row} of {column}").into_bytes())
}

fn put(out: &mut Vec<u8>, value: Option<Vec<u8>>) {
    match value {
        None => out.put_i32(-1),
        Some(bytes) => {
            out.put_i32(i32::try_from(bytes.len()).unwrap_or(i32::MAX));
            out.extend_from_slice(&bytes);
        }
    }
}

fn unnest(size: usize) -> Statement {
    let arrays: Vec<String> = (1..=COLUMNS).map(|n| format!("${n}")).collect();
    let text = format!(
        "INSERT INTO inserts ({0}) SELECT {0} FROM unnest({1}) AS u({0})",
        names(""),
        arrays.join(", ")
    );
    let column = |column| {
        let mut out = Vec::new();
        out.put_i32(1);
        out.put_i32(1);
        out.put_u32(Type::TEXT.oid());
        out.put_i32(i32::try_from(size).unwrap_or(i32::MAX));
        out.put_i32(1);
        (0..size).for_each(|row| put(&mut out, value(row, column)));
        (Raw(out), Type::TEXT_ARRAY)
    };
    Statement { text, parameters: (0..COLUMNS).map(column).collect() }
}

fn values(size: usize) -> Statement {
    let row = |row: usize| {
        let each: Vec<String> = (1..=COLUMNS).map(|n| format!("${}", row * COLUMNS + n)).collect();
        format!("({})", each.join(", "))
    };
    let rows: Vec<String> = (0..size).map(row).collect();
    let text = format!("INSERT INTO inserts ({}) VALUES {}", names(""), rows.join(", "));
    let all = (0..size).flat_map(|row| (0..COLUMNS).map(move |column| (row, column)));
    // Nulls are sent as empty texts: a value of its own cannot be null here.
    let parameters =
        all.map(|(row, column)| (Raw(value(row, column).unwrap_or_default()), Type::TEXT)).collect();
    Statement { text, parameters }
}

fn copy(size: usize) -> Bytes {
    let mut out = b"PGCOPY\n\xff\r\n\0".to_vec();
    out.put_i32(0);
    out.put_i32(0);
    for row in 0..size {
        out.put_i16(i16::try_from(COLUMNS).unwrap_or(i16::MAX));
        (0..COLUMNS).for_each(|column| put(&mut out, value(row, column)));
    }
    out.put_i16(-1);
    out.into()
}
