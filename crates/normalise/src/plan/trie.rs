use std::collections::BTreeMap;

use crate::json::{cursor::is_plain, fingerprint::key_hash};

/// Index of a node in its trie. A node's descendants follow it without a gap.
pub(crate) type NodeId = usize;

/// The JSON body itself.
pub(crate) const ROOT: NodeId = 0;

/// Every path that some record reads, by keys without regard to case.
#[derive(Debug)]
pub(crate) struct Trie {
    nodes: Vec<Node>,
}

/// One path.
#[derive(Debug)]
pub(crate) struct Node {
    /// The last key as documented; empty for the root and for elements.
    pub(crate) key: String,
    pub(crate) folded: String,
    /// The last key as documented, in quotes, where it can stand between them as it is.
    pub(crate) quoted: Option<String>,
    pub(crate) parent: NodeId,
    /// End of the node's descendants.
    pub(crate) end: NodeId,
    /// The node that stands for each element of an array.
    pub(crate) elements: Option<NodeId>,
    elements_below: bool,
    /// The hash of the folded key.
    pub(crate) key_hash: u64,
    /// Nodes by the hash of their key as documented, sorted.
    spelled: Vec<(u64, NodeId)>,
    /// Nodes by the hash of their folded key, sorted.
    children: Vec<(u64, NodeId)>,
}

impl Node {
    pub(crate) fn has_children(&self) -> bool {
        !self.children.is_empty()
    }

    /// Returns whether an array's elements are among the node's descendants.
    pub(crate) fn has_elements_below(&self) -> bool {
        self.elements_below
    }
}

#[derive(Default)]
struct Branch {
    key: String,
    children: BTreeMap<String, Branch>,
}

impl Trie {
    /// The trie of these JSON Pointers, in which `*` stands for each element of an array.
    pub(crate) fn of(paths: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let mut root = Branch::default();
        for path in paths {
            let mut branch = &mut root;
            for key in segments(path.as_ref()) {
                let folded = key.to_ascii_lowercase();
                branch = branch.children.entry(folded).or_insert_with(|| Branch { key, ..Branch::default() });
            }
        }
        let mut trie = Self { nodes: Vec::new() };
        trie.add(&root, String::new(), ROOT);
        trie
    }

    fn add(&mut self, branch: &Branch, folded: String, parent: NodeId) -> NodeId {
        let id = self.nodes.len();
        let key = if folded == ELEMENTS { String::new() } else { branch.key.clone() };
        self.nodes.push(Node {
            quoted: is_plain(&key).then(|| format!("\"{key}\"")),
            key,
            key_hash: key_hash(folded.as_bytes()),
            folded,
            parent,
            end: id,
            elements: None,
            elements_below: false,
            spelled: Vec::new(),
            children: Vec::new(),
        });
        let (mut elements, mut below) = (None, false);
        let (mut spelled, mut children) = (Vec::new(), Vec::new());
        for (folded, child) in &branch.children {
            let node = self.add(child, folded.clone(), id);
            below |= self.node(node).is_some_and(Node::has_elements_below);
            if folded == ELEMENTS {
                elements = Some(node);
            } else {
                spelled.push((key_hash(child.key.as_bytes()), node));
                children.push((key_hash(folded.as_bytes()), node));
            }
        }
        spelled.sort_unstable();
        children.sort_unstable();
        let end = self.nodes.len();
        if let Some(node) = self.nodes.get_mut(id) {
            (node.end, node.elements) = (end, elements);
            (node.spelled, node.children) = (spelled, children);
            node.elements_below = below || elements.is_some();
        }
        id
    }

    /// Number of nodes.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id)
    }

    /// The node of a JSON Pointer.
    pub(crate) fn find(&self, path: &str) -> Option<NodeId> {
        segments(path).try_fold(ROOT, |id, key| {
            let folded = key.to_ascii_lowercase();
            if folded == ELEMENTS {
                return self.node(id)?.elements;
            }
            self.child(id, key_hash(folded.as_bytes()), folded.as_bytes())
        })
    }

    /// The child of a node whose key is documented just so, and the hash of its folded key.
    pub(crate) fn spelled(&self, id: NodeId, key: &str) -> Option<(NodeId, u64)> {
        let child = by_hash(&self.node(id)?.spelled, key_hash(key.as_bytes()))?;
        let node = self.node(child)?;
        (node.key == key).then_some((child, node.key_hash))
    }

    /// The child of a node, by the hash of its folded key and the key itself.
    pub(crate) fn child(&self, id: NodeId, hash: u64, folded: &[u8]) -> Option<NodeId> {
        let child = by_hash(&self.node(id)?.children, hash)?;
        (self.node(child)?.folded.as_bytes() == folded).then_some(child)
    }
}

fn by_hash(children: &[(u64, NodeId)], hash: u64) -> Option<NodeId> {
    let index = children.binary_search_by_key(&hash, |(hash, _)| *hash).ok()?;
    children.get(index).map(|(_, child)| *child)
}

const ELEMENTS: &str = "*";

fn segments(path: &str) -> impl Iterator<Item = String> {
    path.split('/').skip(1).map(|segment| segment.replace("~1", "/").replace("~0", "~"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_without_regard_to_case() {
        let trie = Trie::of(["/a/Bc/d", "/a/list/*/x"]);
        assert_eq!(trie.find("/A/bC/D"), trie.find("/a/Bc/d"));
        assert!(trie.find("/a/list/*/x").is_some());
        assert_eq!(trie.find("/a/nothing"), None);
    }

    #[test]
    fn descendants_follow_their_node() {
        let trie = Trie::of(["/a/b", "/a/c/d", "/e"]);
        let a = trie.find("/a").unwrap();
        let inside = ["/a/b", "/a/c", "/a/c/d"].map(|path| trie.find(path).unwrap());
        assert!(inside.iter().all(|id| (a + 1..trie.node(a).unwrap().end).contains(id)));
        assert!(trie.find("/e").unwrap() >= trie.node(a).unwrap().end);
    }
}
