use crate::{
    plan::{
        RecordType,
        trie::{NodeId, ROOT},
    },
    project::Projection,
    quirk::{Quirk, QuirkSeen},
    walk::findings::{Form, Found, Leftover},
};

impl Projection<'_> {
    /// Reports odd spellings of what the record reads, and leaves over what it doesn't read or what leads nowhere.
    pub(super) fn rest(&mut self, record: &RecordType) {
        let claimed = |node: NodeId| record.claimed.get(node).copied().unwrap_or_default();
        let mut node = ROOT + 1;
        while let Some(here) = self.plan.trie.node(node) {
            let mut next = node + 1;
            if let Some(found) = self.findings.found(node) {
                if claimed(node) {
                    if !found.exact {
                        self.see(Quirk::KeyCase, node);
                    }
                    if (node + 1..here.end).any(claimed) {
                        self.container(node, found);
                    }
                } else {
                    if self.has_value(node) {
                        self.leave(node, found.value, Some(Quirk::UnknownField));
                    }
                    next = here.end;
                }
            }
            node = next;
        }
        for column in &self.findings.columns {
            if claimed(column.node) && column.found.exact {
                continue;
            }
            let pointer = self.pointer(column.node, column.row);
            if claimed(column.node) {
                self.report(QuirkSeen { quirk: Quirk::KeyCase, pointer });
            } else {
                let quirk = Some(Quirk::UnknownField);
                self.leftovers.push(Leftover { pointer, value: column.found.value, quirk, kept: true });
            }
        }
    }

    /// Leaves over what stands where an object or an array is expected, and is none.
    fn container(&mut self, node: NodeId, found: &Found) {
        let Some(here) = self.plan.trie.node(node) else { return };
        let is_details = node == self.plan.envelope.details;
        let want = match (here.elements, here.has_children()) {
            (Some(_), _) => Form::Array,
            (None, true) if !is_details => Form::Object,
            _ => return,
        };
        if found.form != Form::Null && found.form != want {
            self.leave(node, found.value, Some(Quirk::UnreadableValue));
        }
    }
}
