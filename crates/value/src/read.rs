use serde::de::DeserializeOwned;

use crate::{Misfit, Node, deserializer::Reader};

/// Reads settings from a node. Values that don't fit are taken out and listed; the settings are what is left, or `None` where
/// nothing can be made of that.
#[must_use]
pub fn read<T: DeserializeOwned>(node: Node) -> (Option<T>, Vec<Misfit>) {
    read_beside(node, &[])
}

/// The same, where the keys in `beside` stand beside those of `T` and are read by somebody else.
#[must_use]
pub fn read_beside<T: DeserializeOwned>(mut node: Node, beside: &[&'static str]) -> (Option<T>, Vec<Misfit>) {
    let mut misfits: Vec<Misfit> = Vec::new();
    loop {
        let error = match T::deserialize(Reader(&node)) {
            Ok(settings) => return (Some(settings), misfits),
            Err(error) => error,
        };
        let at = error.path();
        let was_taken_out = |key: &str| {
            let missing = at.key(key);
            misfits.iter().any(|(path, _)| *path == missing)
        };
        if !error.missing_key().is_some_and(was_taken_out) {
            misfits.push((at.clone(), error.message(beside)));
        }
        if !node.take_out(&at.list()) {
            return (None, misfits);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;
    use crate::{Content, Entry, Number, Origin};

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Wanted {
        text: String,
        names: BTreeMap<String, String>,
        list: Vec<String>,
        truth: bool,
        number: u16,
        share: f64,
    }

    impl Default for Wanted {
        fn default() -> Self {
            Self {
                text: "default".to_owned(),
                names: BTreeMap::new(),
                list: Vec::new(),
                truth: true,
                number: 7,
                share: 1.0,
            }
        }
    }

    fn node(content: Content) -> Node {
        Node { origin: Origin::File { line: 1, column: 1 }, content }
    }

    fn map(entries: impl IntoIterator<Item = (&'static str, Content)>) -> Content {
        let entry = |(key, content): (&str, Content)| {
            let node = node(content);
            Entry { key: key.to_owned(), origin: node.origin.clone(), node }
        };
        Content::Map(entries.into_iter().map(entry).collect())
    }

    #[test]
    fn text_stays_as_it_was_written() {
        let written = [
            ("0012", Content::Number(Number::Unsigned(12), "0012".to_owned())),
            ("1.10", Content::Number(Number::Float(1.1), "1.10".to_owned())),
            ("0x1F", Content::Number(Number::Unsigned(31), "0x1F".to_owned())),
            ("no", Content::Truth(false, "no".to_owned())),
            (
                "123456789012345678901234567890",
                Content::Number(
                    Number::Float(1.234_567_890_123_456_8e29),
                    "123456789012345678901234567890".to_owned(),
                ),
            ),
        ];
        for (text, content) in written {
            let node = node(map([
                ("text", content.clone()),
                ("names", map([("name", content.clone())])),
                ("list", Content::List(vec![node(content)])),
            ]));
            let (wanted, misfits) = read::<Wanted>(node);
            let wanted = wanted.unwrap();
            assert_eq!((wanted.text.as_str(), wanted.names["name"].as_str()), (text, text));
            assert_eq!((wanted.list, misfits), (vec![text.to_owned()], Vec::new()));
        }
    }

    #[test]
    fn every_value_that_does_not_fit_is_listed_and_the_rest_is_read() {
        let number = |number| Content::Number(Number::Unsigned(number), number.to_string());
        let (wanted, mut misfits) = read::<Wanted>(node(map([
            ("txt", Content::Text("x".to_owned())),
            ("truth", number(2)),
            ("number", number(70_000)),
            ("share", Content::List(Vec::new())),
            ("list", Content::Text("a".to_owned())),
            ("text", Content::Text("kept".to_owned())),
        ])));
        assert_eq!(wanted, Some(Wanted { text: "kept".to_owned(), ..Wanted::default() }));
        misfits.sort_by_key(|(path, _)| path.to_string());
        let told: Vec<String> = misfits.iter().map(|(path, message)| format!("{path}: {message}")).collect();
        assert_eq!(
            told,
            [
                "list: expected a list, found text",
                "number: this number is too small or too large; write one from 0 to 65535",
                "share: expected a number, found a list",
                "truth: expected true or false, found a number",
                "txt: unknown key `txt`; did you mean `text`?",
            ]
        );
    }

    #[test]
    fn variable_is_read_as_what_is_wanted() {
        let text = |text: &str| {
            let origin = Origin::Variable("V".to_owned());
            let node = Node { origin: origin.clone(), content: Content::Text(text.to_owned()) };
            (origin, node)
        };
        let entries =
            [("list", "a, b"), ("truth", "off"), ("number", "12"), ("share", "0.5"), ("text", "no")];
        let entry = |(key, value): (&str, &str)| {
            let (origin, node) = text(value);
            Entry { key: key.to_owned(), origin, node }
        };
        let (wanted, misfits) = read::<Wanted>(node(Content::Map(entries.map(entry).into())));
        let expected = Wanted {
            text: "no".to_owned(),
            names: BTreeMap::new(),
            list: vec!["a".to_owned(), "b".to_owned()],
            truth: false,
            number: 12,
            share: 0.5,
        };
        assert_eq!((wanted, misfits), (Some(expected), Vec::new()));
    }
}
