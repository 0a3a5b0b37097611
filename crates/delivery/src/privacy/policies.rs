use kalends_normalise::Plan;

use super::{Fault, Policy, Rules};

/// Rules for the parts of an event that a sink may see: its own rules, and those for a forgotten person.
pub(crate) struct Policies {
    /// `None` where the sink may see everything.
    usual: Option<Policy>,
    forgetting: Policy,
}

impl Policies {
    /// Compiles the rules for this plan.
    pub(crate) fn compile(rules: &Rules, plan: &Plan) -> Result<Self, Fault> {
        let usual = Policy::compile(rules, plan)?;
        Ok(Self { usual, forgetting: Policy::of(&rules.forgetting(plan), plan) })
    }

    /// The policy for an event; `None` where the sink may see all of it.
    pub(crate) fn of(&self, is_forgotten: bool) -> Option<&Policy> {
        if is_forgotten { Some(&self.forgetting) } else { self.usual.as_ref() }
    }
}
