use crate::{Path, Step};

/// The place where a value was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// In the file: line and column, the first of each being 1.
    File {
        /// The line.
        line: u64,
        /// The column, in characters.
        column: u64,
    },
    /// In the environment variable of this name.
    Variable(String),
}

/// A value of the configuration and where it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The place where it was written.
    pub origin: Origin,
    /// The value.
    pub content: Content,
}

/// A value as it was written.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Nothing, or a word for it.
    Null,
    /// A word that stands for true or false, and that word.
    Truth(bool, String),
    /// A number, and how it was written.
    Number(Number, String),
    /// Any other text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A map, in the order in which it was written.
    Map(Vec<Entry>),
}

/// A number as YAML understands it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// A whole number below 0.
    Signed(i64),
    /// A whole number.
    Unsigned(u64),
    /// A fraction, or a whole number that no other kind holds.
    Float(f64),
}

/// One key of a map and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// The place where the key was written.
    pub origin: Origin,
    /// The value.
    pub node: Node,
}

impl Node {
    /// The value of a key; `None` when this is no map or lacks the key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Content::Map(entries) = &self.content else { return None };
        entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    /// Takes a key out of a map.
    pub fn remove(&mut self, key: &str) -> Option<Entry> {
        let Content::Map(entries) = &mut self.content else { return None };
        let index = entries.iter().position(|entry| entry.key == key)?;
        Some(entries.remove(index))
    }

    /// Takes out what stands at `path`, which leads through maps. Says whether there was something.
    pub fn take_out(&mut self, path: &Path) -> bool {
        let Some((Step::Key(last), above)) = path.steps().split_last() else { return false };
        let mut node = self;
        for step in above {
            let (Step::Key(key), Content::Map(entries)) = (step, &mut node.content) else { return false };
            let Some(entry) = entries.iter_mut().find(|entry| entry.key == *key) else { return false };
            node = &mut entry.node;
        }
        node.remove(last).is_some()
    }

    /// Where the value at `path` was written, or else the innermost map or list around it. Of a key's value it is the key.
    #[must_use]
    pub fn origin(&self, path: &Path) -> &Origin {
        let (mut node, mut origin) = (self, &self.origin);
        for step in path.steps() {
            let next = match (step, &node.content) {
                (Step::Key(key), Content::Map(entries)) => {
                    entries.iter().find(|entry| entry.key == *key).map(|entry| (&entry.origin, &entry.node))
                }
                (Step::Item(index), Content::List(items)) => {
                    items.get(*index).map(|item| (&item.origin, item))
                }
                _ => None,
            };
            let Some(next) = next else { break };
            (origin, node) = next;
        }
        origin
    }

    /// This node with the text of an environment variable at `path`. What stood there is replaced, and maps and lists are made on
    /// the way; items of a list that are missing before it are null.
    #[must_use]
    pub fn with(self, path: &Path, variable: &str, text: String) -> Self {
        let origin = Origin::Variable(variable.to_owned());
        self.put(path.steps(), &origin, text)
    }

    fn put(self, steps: &[Step], variable: &Origin, text: String) -> Self {
        let null = || Self { origin: variable.clone(), content: Content::Null };
        match (steps.split_first(), self.content) {
            (None, _) => Self { origin: variable.clone(), content: Content::Text(text) },
            (Some((Step::Key(key), rest)), content) => {
                let (origin, mut entries) = match content {
                    Content::Map(entries) => (self.origin, entries),
                    _ => (variable.clone(), Vec::new()),
                };
                let place = entries.iter().position(|entry| entry.key == *key);
                let index = place.unwrap_or(entries.len());
                let (node, at) = match place.map(|index| entries.remove(index)) {
                    Some(entry) => (entry.node.put(rest, variable, text), entry.origin),
                    None => (null().put(rest, variable, text), variable.clone()),
                };
                let at = if node.origin == *variable { variable.clone() } else { at };
                entries.insert(index, Entry { key: key.clone(), origin: at, node });
                Self { origin, content: Content::Map(entries) }
            }
            (Some((Step::Item(index), rest)), content) => {
                let (origin, mut items) = match content {
                    Content::List(items) => (self.origin, items),
                    _ => (variable.clone(), Vec::new()),
                };
                while items.len() <= *index {
                    items.push(null());
                }
                let item = items.remove(*index).put(rest, variable, text);
                items.insert(*index, item);
                Self { origin, content: Content::List(items) }
            }
        }
    }
}
