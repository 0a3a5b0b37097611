//! One walk over a body: holds that it is JSON, fills the findings and takes the hash of its content.

pub(crate) mod findings;
mod key_order_cache;

use crate::{
    json::{
        cursor::{Cursor, NotJson, Quoted},
        fingerprint::{Member, Stack, key_hash, literal_hash, text_hash},
        pointer,
        span::Span,
    },
    plan::{
        Plan,
        trie::{Node, NodeId, ROOT, Trie},
    },
    quirk::Quirk,
    walk::{
        findings::{Admission, Findings, Form, Found},
        key_order_cache::{KeyOrderCache, Place},
    },
};

/// Most levels that a body may nest.
pub(crate) const MAX_DEPTH: usize = 128;

/// Most elements of one array that may be left over one by one. With more, the array is left over as a whole: the
/// name of each element is far longer than the element may be.
const MAX_ODD_ELEMENTS: usize = 256;

/// Reason why a walk ended before the body did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WalkError {
    /// The body is no JSON, or half of a surrogate pair is in it.
    NotJson,
    /// Nesting deeper than [`MAX_DEPTH`]; where the level begins that is too many. The rest was not read.
    TooDeep(usize),
}

impl From<NotJson> for WalkError {
    fn from(NotJson: NotJson) -> Self {
        Self::NotJson
    }
}

/// State that a walk needs besides the body, kept from body to body.
#[derive(Default)]
pub(crate) struct Walk {
    pub(crate) findings: Findings,
    stack: Stack,
    key_order: KeyOrderCache,
    folded: Vec<u8>,
}

impl Walk {
    /// Walks over a body: the hash of its content but for the event's id and type, or 0 if that isn't wanted.
    pub(crate) fn over(&mut self, text: &str, plan: &Plan, hashes: bool) -> Result<u64, WalkError> {
        let Plan { trie, envelope, .. } = plan;
        self.findings.reset(trie.len());
        self.stack.begin(hashes);
        self.key_order.begin(trie.len());
        let mut walker = Walker {
            text,
            cursor: Cursor::new(text),
            row: 0,
            trie,
            apart: [envelope.id, envelope.kind],
            walk: self,
        };
        walker.cursor.skip_space();
        let start = walker.cursor.at;
        let root = walker.value(Some(ROOT), 0)?;
        let value = Span { start, end: walker.cursor.at };
        walker.cursor.skip_space();
        if !walker.cursor.is_at_end() {
            return Err(WalkError::NotJson);
        }
        // Columns of several arrays are sorted together, so that those of a row can be found.
        self.findings.columns.sort_by_key(|column| column.row);
        let key = Span { start, end: start };
        self.findings.enter(ROOT, Found { value, form: root.form, key, exact: true, inside: (0, 0) });
        Ok(root.hash)
    }
}

/// A value that was read.
struct Read {
    hash: u64,
    form: Form,
}

/// A member's key.
#[derive(Clone, Copy)]
struct Key {
    quoted: Quoted,
    /// Node that it leads to, if any.
    node: Option<NodeId>,
    /// The hash of the folded key.
    hash: u64,
    /// True if it is spelled as documented.
    exact: bool,
}

struct Walker<'a> {
    text: &'a str,
    cursor: Cursor<'a>,
    /// The element of the array that the current node leads through.
    row: usize,
    trie: &'a Trie,
    /// Members of the body that its hash leaves out.
    apart: [NodeId; 2],
    walk: &'a mut Walk,
}

impl<'a> Walker<'a> {
    /// Reads the value that begins here. Without a node, nothing in it is of interest but its hash.
    fn value(&mut self, node: Option<NodeId>, depth: usize) -> Result<Read, WalkError> {
        match self.cursor.peek() {
            b'"' => {
                let string = self.cursor.string()?;
                let form = if string.escaped { Form::EscapedText } else { Form::Text };
                let hash = || text_hash(string.content(self.text).as_bytes());
                Ok(Read { hash: self.walk.stack.leaf(hash), form })
            }
            b'{' | b'[' if depth == MAX_DEPTH => Err(WalkError::TooDeep(self.cursor.at)),
            b'{' => Ok(Read { hash: self.object(node, depth + 1)?, form: Form::Object }),
            b'[' => Ok(Read { hash: self.array(node, depth + 1)?, form: Form::Array }),
            b't' => self.literal(Form::True, |cursor| cursor.word("true")),
            b'f' => self.literal(Form::False, |cursor| cursor.word("false")),
            b'n' => self.literal(Form::Null, |cursor| cursor.word("null")),
            _ => self.literal(Form::Number, Cursor::number),
        }
    }

    fn literal(
        &mut self,
        form: Form,
        pass: impl FnOnce(&mut Cursor<'a>) -> Result<(), NotJson>,
    ) -> Result<Read, WalkError> {
        let start = self.cursor.at;
        pass(&mut self.cursor)?;
        let spelling = Span { start, end: self.cursor.at };
        let hash = || literal_hash(spelling.of(self.text).as_bytes());
        Ok(Read { hash: self.walk.stack.leaf(hash), form })
    }

    fn object(&mut self, node: Option<NodeId>, depth: usize) -> Result<u64, WalkError> {
        let from = self.walk.stack.object();
        let mut place = node.map(Place::Start);
        let mut is_over = self.cursor.is_empty(b'}');
        while !is_over {
            let key = self.key(node, place)?;
            place = key.node.map(Place::Behind);
            self.cursor.colon()?;
            let member = self.member(key, node, depth)?;
            self.walk.stack.member(member);
            is_over = self.cursor.is_over(b'}')?;
        }
        if node == Some(ROOT) {
            for member in self.apart.into_iter().filter_map(|member| self.trie.node(member)) {
                self.walk.stack.leave_out(from, member.key_hash);
            }
        }
        Ok(self.walk.stack.end_object(from, self.text))
    }

    /// Reads a member's key. Most senders keep to one order, so the key that stood in this place last time is tried first.
    fn key(&mut self, parent: Option<NodeId>, place: Option<Place>) -> Result<Key, WalkError> {
        let expected = place.and_then(|place| self.walk.key_order.at(place));
        if let Some(id) = expected
            && let Some(node) = self.trie.node(id)
            && let Some(quoted) = &node.quoted
            && let Some(inner) = self.cursor.passes(quoted)
        {
            let quoted = Quoted { inner, escaped: false };
            return Ok(Key { quoted, node: Some(id), hash: node.key_hash, exact: true });
        }
        let quoted = self.cursor.string()?;
        let spelled = quoted.content(self.text);
        let (node, hash, exact) = match parent.and_then(|parent| self.trie.spelled(parent, &spelled)) {
            Some((node, hash)) => (Some(node), hash, true),
            None => self.fold(parent, &spelled),
        };
        if let (Some(place), Some(node)) = (place, node) {
            self.walk.key_order.expect(place, node);
        }
        Ok(Key { quoted, node, hash, exact })
    }

    /// Reads the value of a member.
    fn member(&mut self, key: Key, parent: Option<NodeId>, depth: usize) -> Result<Member, WalkError> {
        let Key { quoted, node, hash: key_hash, exact } = key;
        let (key, start) = (quoted.inner, self.cursor.at);
        let Some(node) = node else {
            let value_hash = self.value(None, depth)?.hash;
            if let Some(parent) = parent {
                self.leave(parent, &quoted.content(self.text), start, Quirk::UnknownField);
            }
            return Ok(Member { key_hash, value_hash, key });
        };
        let read = match self.walk.findings.admit(node, exact, self.trie, self.text, self.row) {
            Admission::Enters => {
                let before = self.walk.findings.leftovers.len();
                let entry = |form, end, after| Found {
                    value: Span { start, end },
                    form,
                    key,
                    exact,
                    inside: (before, after),
                };
                // Entered before what is in it is read, which names it in its pointers.
                if matches!(self.cursor.peek(), b'{' | b'[') {
                    self.walk.findings.enter(node, entry(Form::Null, start, before));
                }
                let read = self.value(Some(node), depth)?;
                let after = self.walk.findings.leftovers.len();
                self.walk.findings.enter(node, entry(read.form, self.cursor.at, after));
                read
            }
            Admission::Loses => {
                let read = self.value(None, depth)?;
                self.leave(parent.unwrap_or(ROOT), &quoted.content(self.text), start, Quirk::DuplicateKey);
                read
            }
        };
        Ok(Member { key_hash, value_hash: read.hash, key })
    }

    /// The child that a key which is spelled otherwise than documented leads to, and the hash of the folded key.
    fn fold(&mut self, parent: Option<NodeId>, key: &str) -> (Option<NodeId>, u64, bool) {
        let folded = &mut self.walk.folded;
        folded.clear();
        folded.extend_from_slice(key.as_bytes());
        folded.make_ascii_lowercase();
        let hash = key_hash(folded);
        (parent.and_then(|parent| self.trie.child(parent, hash, folded)), hash, false)
    }

    fn array(&mut self, node: Option<NodeId>, depth: usize) -> Result<u64, WalkError> {
        let elements = node.and_then(|node| self.trie.node(node)).and_then(|node| node.elements);
        let from = self.walk.stack.array();
        let (start, leftovers_before) = (self.cursor.at, self.walk.findings.leftovers.len());
        let (mut index, mut odd) = (0, 0);
        let mut is_over = self.cursor.is_empty(b']');
        while !is_over {
            let hash = match elements {
                Some(elements) => self.element(elements, index, depth, &mut odd)?,
                None => self.value(None, depth)?.hash,
            };
            self.walk.stack.element(hash);
            index += 1;
            is_over = self.cursor.is_over(b']')?;
        }
        if let Some(node) = node.filter(|_| odd > MAX_ODD_ELEMENTS) {
            self.walk.findings.leftovers.truncate(leftovers_before);
            let pointer = self.walk.findings.pointer(node, 0, self.trie, self.text);
            let value = Span { start, end: self.cursor.at };
            self.walk.findings.leave(pointer, value, Some(Quirk::OddTag));
        }
        Ok(self.walk.stack.end_array(from))
    }

    /// Reads an element as a row, if it is of the kind that a row is: an object where paths lead into it, else a leaf.
    fn element(
        &mut self,
        node: NodeId,
        index: usize,
        depth: usize,
        odd: &mut usize,
    ) -> Result<u64, WalkError> {
        let start = self.cursor.at;
        self.row = index;
        let is_object = self.cursor.peek() == b'{';
        let is_row = if self.trie.node(node).is_some_and(Node::has_children) {
            is_object
        } else {
            !is_object && self.cursor.peek() != b'['
        };
        if is_row {
            let before = self.walk.findings.leftovers.len();
            let Read { hash, form } = self.value(Some(node), depth)?;
            let (key, value) = (Span { start, end: start }, Span { start, end: self.cursor.at });
            let inside = (before, self.walk.findings.leftovers.len());
            self.walk.findings.enter(node, Found { value, form, key, exact: true, inside });
            self.walk.findings.end_row(node, index, self.trie);
            return Ok(hash);
        }
        let hash = self.value(None, depth)?.hash;
        *odd += 1;
        if *odd > MAX_ODD_ELEMENTS {
            return Ok(hash);
        }
        let pointer = self.walk.findings.pointer(node, index, self.trie, self.text);
        self.walk.findings.leave(pointer, Span { start, end: self.cursor.at }, Some(Quirk::OddTag));
        Ok(hash)
    }

    fn leave(&mut self, parent: NodeId, key: &str, start: usize, quirk: Quirk) {
        let mut pointer = self.walk.findings.pointer(parent, self.row, self.trie, self.text);
        pointer::push_key(&mut pointer, key);
        self.walk.findings.leave(pointer, Span { start, end: self.cursor.at }, Some(quirk));
    }
}
