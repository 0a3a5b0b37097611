use crate::plan::trie::NodeId;

/// A place in an object.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    /// The first of the object at this node.
    Start(NodeId),
    /// Behind this member.
    Behind(NodeId),
}

/// Order of members in the bodies before: only a guess at what is next, which the walk holds against the body.
#[derive(Debug, Default)]
pub(crate) struct KeyOrderCache {
    firsts: Vec<Option<NodeId>>,
    nexts: Vec<Option<NodeId>>,
}

impl KeyOrderCache {
    /// Makes room for the places of so many nodes.
    pub(crate) fn begin(&mut self, nodes: usize) {
        self.firsts.resize(nodes, None);
        self.nexts.resize(nodes, None);
    }

    /// The member that stood there last.
    pub(crate) fn at(&self, place: Place) -> Option<NodeId> {
        match place {
            Place::Start(object) => *self.firsts.get(object)?,
            Place::Behind(member) => *self.nexts.get(member)?,
        }
    }

    /// Puts on record which member stands there.
    pub(crate) fn expect(&mut self, place: Place, member: NodeId) {
        let slot = match place {
            Place::Start(object) => self.firsts.get_mut(object),
            Place::Behind(before) => self.nexts.get_mut(before),
        };
        if let Some(slot) = slot {
            *slot = Some(member);
        }
    }
}
