use crate::{
    json::{pointer, span::Span},
    plan::trie::{NodeId, ROOT, Trie},
    quirk::Quirk,
};

/// Kind of a value by its first byte, and of a string whether it has an escape in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Null,
    True,
    False,
    Number,
    Text,
    EscapedText,
    Object,
    Array,
}

/// Room for nearly every JSON Pointer of the sender's.
const USUAL_POINTER: usize = 64;

/// Value of the body at a path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub(crate) value: Span,
    pub(crate) form: Form,
    /// The key as it stands in the body, without its quotes.
    pub(crate) key: Span,
    /// True if the key is spelled as documented.
    pub(crate) exact: bool,
    /// Leftovers that were found inside the value.
    pub(crate) inside: (usize, usize),
}

/// Values of the body at a path below an array's elements.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub(crate) node: NodeId,
    pub(crate) row: usize,
    pub(crate) found: Found,
}

/// A piece of the body that no field takes.
#[derive(Debug, Clone)]
pub(crate) struct Leftover {
    pub(crate) pointer: String,
    pub(crate) value: Span,
    /// Finding to report, if any.
    pub(crate) quirk: Option<Quirk>,
    /// False for a piece that a field holds as a whole: what lies in it is not left over.
    pub(crate) kept: bool,
}

/// Findings of one walk over a body.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    found: Vec<Option<Found>>,
    /// After the walk: sorted by row.
    pub(crate) columns: Vec<Column>,
    /// Elements that were read as rows, by the node that stands for them; in the order of the body.
    pub(crate) rows: Vec<(NodeId, usize)>,
    pub(crate) leftovers: Vec<Option<Leftover>>,
}

/// Returns whether a member is read into its node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    Enters,
    /// An earlier one of the same key is better.
    Loses,
}

impl Findings {
    pub(crate) fn reset(&mut self, nodes: usize) {
        self.found.clear();
        self.found.resize(nodes, None);
        self.columns.clear();
        self.rows.clear();
        self.leftovers.clear();
    }

    pub(crate) fn found(&self, node: NodeId) -> Option<&Found> {
        self.found.get(node)?.as_ref()
    }

    /// Decides between a member and an earlier one of the same key: the exact spelling wins, else the last.
    ///
    /// If the earlier one loses, everything found in it is forgotten and it is left over as a whole.
    pub(crate) fn admit(
        &mut self,
        node: NodeId,
        exact: bool,
        trie: &Trie,
        text: &str,
        row: usize,
    ) -> Admission {
        let Some(&earlier) = self.found(node) else { return Admission::Enters };
        if earlier.exact && !exact {
            return Admission::Loses;
        }
        for leftover in self.leftovers.get_mut(earlier.inside.0..earlier.inside.1).unwrap_or_default() {
            *leftover = None;
        }
        let pointer = self.pointer(node, row, trie, text);
        self.leave(pointer, earlier.value, Some(Quirk::DuplicateKey));
        self.forget(node, trie);
        Admission::Enters
    }

    /// Forgets what was found at a node and below.
    pub(crate) fn forget(&mut self, node: NodeId, trie: &Trie) {
        let Some(here) = trie.node(node) else { return };
        let end = here.end;
        for place in self.found.get_mut(node..end).unwrap_or_default() {
            *place = None;
        }
        if here.has_elements_below() {
            self.rows.retain(|(row, _)| !(node..end).contains(row));
            self.columns.retain(|column| !(node..end).contains(&column.node));
        }
    }

    pub(crate) fn enter(&mut self, node: NodeId, found: Found) {
        if let Some(place) = self.found.get_mut(node) {
            *place = Some(found);
        }
    }

    pub(crate) fn leave(&mut self, pointer: String, value: Span, quirk: Option<Quirk>) {
        self.leftovers.push(Some(Leftover { pointer, value, quirk, kept: true }));
    }

    /// Ends the element `row` of an array: what was found at `node`, which stands for elements, or below becomes columns.
    pub(crate) fn end_row(&mut self, node: NodeId, row: usize, trie: &Trie) {
        self.rows.push((node, row));
        let Some(here) = trie.node(node) else { return };
        // An element that paths lead into has no value of its own.
        if let Some(place) = self.found.get_mut(node).filter(|_| here.has_children()) {
            *place = None;
        }
        for id in node..here.end {
            if let Some(found) = self.found.get_mut(id).and_then(Option::take) {
                self.columns.push(Column { node: id, row, found });
            }
        }
    }

    /// The JSON Pointer of a node in the sender's spelling; `row` is the element where the path leads through an array.
    pub(crate) fn pointer(&self, node: NodeId, row: usize, trie: &Trie, text: &str) -> String {
        let Some(here) = trie.node(node).filter(|_| node != ROOT) else {
            return String::with_capacity(USUAL_POINTER);
        };
        let mut pointer = self.pointer(here.parent, row, trie, text);
        let is_element = trie.node(here.parent).is_some_and(|parent| parent.elements == Some(node));
        let key = if is_element { None } else { self.key(node, row) };
        match (is_element, key) {
            (true, _) => pointer::push_index(&mut pointer, row),
            (false, Some(key)) => pointer::push_key(&mut pointer, &pointer::decode(key.of(text))),
            (false, None) => pointer::push_key(&mut pointer, &here.key),
        }
        pointer
    }

    fn key(&self, node: NodeId, row: usize) -> Option<Span> {
        let column = || {
            let first = self.columns.partition_point(|column| column.row < row);
            let mut same_row = self.columns.get(first..)?.iter().take_while(|column| column.row == row);
            same_row.find(|column| column.node == node).map(|column| &column.found)
        };
        self.found(node).or_else(column).map(|found| found.key)
    }
}
