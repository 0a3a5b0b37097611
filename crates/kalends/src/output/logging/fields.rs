use std::fmt;

use tracing::field::{Field, Visit};
use tracing_subscriber::{
    field::RecordFields,
    fmt::{FormatFields, format::Writer},
};

/// How a line of text shows its fields: each text in quotes, whatever way it came to the line, each number and truth without.
#[derive(Debug, Clone, Copy)]
pub(super) struct QuotedFields;

impl<'writer> FormatFields<'writer> for QuotedFields {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut line = Line { writer, is_first: true, written: Ok(()) };
        fields.record(&mut line);
        line.written
    }
}

struct Line<'writer> {
    writer: Writer<'writer>,
    is_first: bool,
    written: fmt::Result,
}

impl Line<'_> {
    fn write(&mut self, field: &Field, value: &str) {
        let space = if std::mem::take(&mut self.is_first) { "" } else { " " };
        let written = match field.name() {
            "message" => write!(self.writer, "{space}{value}"),
            name => write!(self.writer, "{space}{name}={value}"),
        };
        self.written = self.written.and(written);
    }
}

impl Visit for Line<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        let value = if field.name() == "message" { value.to_owned() } else { format!("{value:?}") };
        self.write(field, &value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let value = format!("{value:?}");
        let is_bare = field.name() == "message"
            || value.starts_with('"')
            || value.parse::<f64>().is_ok()
            || value.parse::<bool>().is_ok();
        self.write(field, &if is_bare { value } else { format!("{value:?}") });
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_text_is_in_quotes_and_a_number_is_not_however_they_are_given() {
        let kept = Kept::default();
        let writer = kept.clone();
        let lines = tracing_subscriber::fmt()
            .fmt_fields(QuotedFields)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(lines, || {
            let error = io::Error::other("no \"room\"\nhere");
            tracing::info!(sink = "kafka", sink2 = %"kafka", %error, position = 7, is = true, "said: {}", "this");
        });
        let line = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        let expected =
            r#"said: this sink="kafka" sink2="kafka" error="no \"room\"\nhere" position=7 is=true"#;
        assert!(line.trim_end().ends_with(expected), "{line}");
    }
}
