use std::collections::BTreeMap;

use crate::fingerprint::key_hash;

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
    pub(crate) parent: NodeId,
    /// Where the node's descendants end.
    pub(crate) end: NodeId,
    /// The node that stands for each element of an array.
    pub(crate) elements: Option<NodeId>,
    elements_below: bool,
    /// Nodes by the hash of their folded key, sorted.
    children: Vec<(u64, NodeId)>,
}

impl Node {
    pub(crate) fn has_children(&self) -> bool {
        !self.children.is_empty()
    }

    /// Whether an array's elements are among the node's descendants.
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
            key,
            folded,
            parent,
            end: id,
            elements: None,
            elements_below: false,
            children: Vec::new(),
        });
        let (mut elements, mut below) = (None, false);
        let mut children = Vec::new();
        for (folded, child) in &branch.children {
            let node = self.add(child, folded.clone(), id);
            below |= self.node(node).is_some_and(Node::has_elements_below);
            if folded == ELEMENTS {
                elements = Some(node);
            } else {
                children.push((key_hash(folded.as_bytes()), node));
            }
        }
        children.sort_unstable();
        let end = self.nodes.len();
        if let Some(node) = self.nodes.get_mut(id) {
            (node.end, node.elements, node.children) = (end, elements, children);
            node.elements_below = below || elements.is_some();
        }
        id
    }

    /// How many nodes there are.
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

    /// The child of a node, by the hash of its folded key and the key itself.
    pub(crate) fn child(&self, id: NodeId, hash: u64, folded: &[u8]) -> Option<NodeId> {
        let children = &self.node(id)?.children;
        let index = children.binary_search_by_key(&hash, |(hash, _)| *hash).ok()?;
        let (_, child) = *children.get(index)?;
        (self.node(child)?.folded.as_bytes() == folded).then_some(child)
    }
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
