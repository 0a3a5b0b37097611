//! One walk over a body that is known to be JSON: fills the harvest and takes the content fingerprint.

use std::borrow::Cow;

use memchr::memchr2;

use crate::{
    Quirk,
    fingerprint::{Member, Stack, key_hash, literal_hash, text_hash},
    harvest::{Admission, Harvest, Span},
    pointer,
    trie::{NodeId, ROOT, Trie},
};

/// How many levels a body may nest.
pub(crate) const DEEPEST: usize = 128;

/// How many elements of one array may be left over one by one. With more, the array is left over as a whole: the name of
/// each element is far longer than the element may be.
const MOST_ODD: usize = 256;

/// The body nests deeper than [`DEEPEST`]; where the level begins that is too many.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooDeep(pub(crate) usize);

/// What a walk needs besides the body, kept from body to body.
#[derive(Default)]
pub(crate) struct Walk {
    pub(crate) harvest: Harvest,
    stack: Stack,
    folded: Vec<u8>,
}

impl Walk {
    /// Walks over a body: the fingerprint of its content.
    pub(crate) fn over(&mut self, text: &str, trie: &Trie) -> Result<u64, TooDeep> {
        self.harvest.reset(trie.len());
        self.stack.clear();
        let mut walker = Walker { text, at: 0, row: 0, trie, walk: self };
        walker.skip_space();
        let start = walker.at;
        let content = walker.value(Some(ROOT), 0)?;
        let value = Span { start, end: walker.at };
        // Columns of several arrays are sorted together, so that those of a row can be found.
        self.harvest.columns.sort_by_key(|column| column.row);
        self.harvest.enter(ROOT, Span { start, end: start }, value, true, 0);
        Ok(content)
    }
}

/// A string's content, given what stands between its quotes.
fn content(inner: &str, escaped: bool) -> Cow<'_, str> {
    if escaped { pointer::decode(inner) } else { Cow::Borrowed(inner) }
}

struct Walker<'a> {
    text: &'a str,
    at: usize,
    /// The element of the array that the current node leads through.
    row: usize,
    trie: &'a Trie,
    walk: &'a mut Walk,
}

impl<'a> Walker<'a> {
    /// Reads the value that begins here. Without a node, nothing in it is of interest but its hash.
    fn value(&mut self, node: Option<NodeId>, depth: usize) -> Result<u64, TooDeep> {
        match self.peek() {
            b'{' | b'[' if depth == DEEPEST => Err(TooDeep(self.at)),
            b'{' => self.object(node, depth + 1),
            b'[' => self.array(node, depth + 1),
            b'"' => {
                let (inner, escaped) = self.string();
                Ok(text_hash(content(inner.of(self.text), escaped).as_bytes()))
            }
            _ => Ok(literal_hash(self.literal().as_bytes())),
        }
    }

    fn object(&mut self, node: Option<NodeId>, depth: usize) -> Result<u64, TooDeep> {
        let from = self.walk.stack.object();
        self.at += 1;
        self.skip_space();
        while self.peek() == b'"' {
            let member = self.member(node, depth)?;
            self.walk.stack.member(member);
            self.skip_space();
            self.skip(b',');
        }
        self.at += 1;
        Ok(self.walk.stack.end_object(from, self.text))
    }

    fn member(&mut self, parent: Option<NodeId>, depth: usize) -> Result<Member, TooDeep> {
        let (key, escaped) = self.string();
        self.skip_space();
        self.skip(b':');
        let spelled = content(key.of(self.text), escaped);
        self.walk.folded.clear();
        self.walk.folded.extend_from_slice(spelled.as_bytes());
        self.walk.folded.make_ascii_lowercase();
        let key_hash = key_hash(&self.walk.folded);
        let node = parent.and_then(|parent| self.trie.child(parent, key_hash, &self.walk.folded));
        let start = self.at;
        let Some(node) = node else {
            let value_hash = self.value(None, depth)?;
            if let Some(parent) = parent {
                self.leave(parent, &spelled, start, Quirk::UnknownField);
            }
            return Ok(Member { key_hash, value_hash, key });
        };
        let exact = self.trie.node(node).is_some_and(|node| node.key == spelled);
        let value_hash = match self.walk.harvest.admit(node, exact, self.trie, self.text, self.row) {
            Admission::Enters => {
                let before = self.walk.harvest.leftovers.len();
                // Entered before its members are read, so that they can name it in their pointers.
                self.walk.harvest.enter(node, key, Span { start, end: start }, exact, before);
                let value_hash = self.value(Some(node), depth)?;
                self.walk.harvest.enter(node, key, Span { start, end: self.at }, exact, before);
                value_hash
            }
            Admission::Loses => {
                let value_hash = self.value(None, depth)?;
                self.leave(parent.unwrap_or(ROOT), &spelled, start, Quirk::DuplicateKey);
                value_hash
            }
        };
        Ok(Member { key_hash, value_hash, key })
    }

    fn array(&mut self, node: Option<NodeId>, depth: usize) -> Result<u64, TooDeep> {
        let elements = node.and_then(|node| self.trie.node(node)).and_then(|node| node.elements);
        let from = self.walk.stack.array();
        let (start, leftovers_before) = (self.at, self.walk.harvest.leftovers.len());
        let (mut index, mut odd) = (0, 0);
        self.at += 1;
        self.skip_space();
        while self.peek() != b']' {
            let hash = match elements {
                Some(elements) => self.element(elements, index, depth, &mut odd)?,
                None => self.value(None, depth)?,
            };
            self.walk.stack.element(hash);
            index += 1;
            self.skip_space();
            self.skip(b',');
        }
        self.at += 1;
        if let Some(node) = node.filter(|_| odd > MOST_ODD) {
            self.walk.harvest.leftovers.truncate(leftovers_before);
            let pointer = self.walk.harvest.pointer(node, 0, self.trie, self.text);
            self.walk.harvest.leave(pointer, Span { start, end: self.at }, Some(Quirk::OddTag));
        }
        Ok(self.walk.stack.end_array(from))
    }

    /// Reads an element as a row, if it is of the kind that a row is: an object where paths lead into it, else a leaf.
    fn element(&mut self, node: NodeId, index: usize, depth: usize, odd: &mut usize) -> Result<u64, TooDeep> {
        let start = self.at;
        self.row = index;
        let is_object = self.peek() == b'{';
        let is_row = if self.trie.node(node).is_some_and(crate::trie::Node::has_children) {
            is_object
        } else {
            !is_object && self.peek() != b'['
        };
        if is_row {
            let before = self.walk.harvest.leftovers.len();
            let hash = self.value(Some(node), depth)?;
            let (key, value) = (Span { start, end: start }, Span { start, end: self.at });
            self.walk.harvest.enter(node, key, value, true, before);
            self.walk.harvest.end_row(node, index, self.trie);
            return Ok(hash);
        }
        let hash = self.value(None, depth)?;
        *odd += 1;
        if *odd > MOST_ODD {
            return Ok(hash);
        }
        let pointer = self.walk.harvest.pointer(node, index, self.trie, self.text);
        self.walk.harvest.leave(pointer, Span { start, end: self.at }, Some(Quirk::OddTag));
        Ok(hash)
    }

    fn leave(&mut self, parent: NodeId, key: &str, start: usize, quirk: Quirk) {
        let mut pointer = self.walk.harvest.pointer(parent, self.row, self.trie, self.text);
        pointer::push_key(&mut pointer, key);
        self.walk.harvest.leave(pointer, Span { start, end: self.at }, Some(quirk));
    }

    /// Passes a string: what stands between its quotes, and whether there is an escape in it.
    fn string(&mut self) -> (Span, bool) {
        let start = self.at + 1;
        let (mut end, mut escaped) = (start, false);
        let bytes = self.text.as_bytes();
        while let Some(at) = bytes.get(end..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
            end += at;
            if bytes.get(end) == Some(&b'"') {
                break;
            }
            (end, escaped) = (end + 2, true);
        }
        self.at = end + 1;
        (Span { start, end }, escaped)
    }

    /// Passes a number, `true`, `false` or `null`.
    fn literal(&mut self) -> &'a str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let is_end = |byte: u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r');
        let length = rest.bytes().position(is_end).unwrap_or(rest.len());
        // A walk always moves on, whatever it walks over.
        self.at += length.max(1);
        rest.get(..length).unwrap_or_default()
    }

    fn peek(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(b']')
    }

    fn skip(&mut self, byte: u8) {
        if self.peek() == byte {
            self.at += 1;
        }
        self.skip_space();
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
    }
}
