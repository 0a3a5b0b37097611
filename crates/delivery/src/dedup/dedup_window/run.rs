use super::Seen;

/// A part of the window that nothing is added to any more: sorted by identity, 24 bytes an entry.
#[derive(Debug)]
pub(super) struct Run(Box<[Seen]>);

impl Run {
    pub(super) fn new(mut seen: Vec<Seen>) -> Self {
        seen.sort_unstable_by_key(|seen| seen.id);
        Self(seen.into_boxed_slice())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.0)
    }

    /// The entries of this identity.
    pub(super) fn of(&self, id: u64) -> impl Iterator<Item = &Seen> {
        let first = self.first_not_below(id);
        self.0.get(first..).unwrap_or_default().iter().take_while(move |seen| seen.id == id)
    }

    /// The place of the first entry whose identity is not below `id`.
    ///
    /// Identities are hashes, spread evenly: the place can be guessed to within some hundred entries of a million, and
    /// looking from there in growing steps touches far less memory than halving the whole.
    fn first_not_below(&self, id: u64) -> usize {
        let guess = self.guess(id);
        let (mut low, mut high) = (guess, guess);
        let mut step = 64;
        while low > 0 && self.0.get(low).is_none_or(|seen| seen.id >= id) {
            low = low.saturating_sub(step);
            step *= 2;
        }
        step = 64;
        while self.0.get(high).is_some_and(|seen| seen.id < id) {
            high = high.saturating_add(step).min(self.0.len());
            step *= 2;
        }
        low + self.0.get(low..high).unwrap_or_default().partition_point(|seen| seen.id < id)
    }

    fn guess(&self, id: u64) -> usize {
        let entries = u128::try_from(self.0.len()).unwrap_or_default();
        usize::try_from((u128::from(id) * entries) >> 64).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_entry_of_an_identity_is_found_and_no_other(
            ids in proptest::collection::vec(prop_oneof![0_u64..20, any::<u64>(), (u64::MAX - 9)..=u64::MAX], 0..600),
            wanted in proptest::collection::vec(prop_oneof![0_u64..20, any::<u64>(), Just(u64::MAX)], 20),
        ) {
            let run = Run::new(ids.iter().zip(0_u64..).map(|(&id, content)| Seen { id, content, time: 0 }).collect());
            for id in wanted.into_iter().chain(ids.iter().copied()) {
                let mut found: Vec<_> = run.of(id).map(|seen| (seen.id, seen.content)).collect();
                found.sort_unstable();
                let expected: Vec<_> = ids.iter().copied().zip(0_u64..).filter(|(other, _)| *other == id).collect();
                prop_assert_eq!(found, expected);
            }
        }
    }
}
