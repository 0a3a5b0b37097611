/// Says that `given` is not known, and which of `known` may have been meant.
#[must_use]
pub fn nearest(what: &str, given: &str, known: &[&str]) -> String {
    let near = known
        .iter()
        .map(|word| (strsim::damerau_levenshtein(&given.to_lowercase(), &word.to_lowercase()), word))
        .filter(|(distance, word)| *distance <= 1 + word.len() / 4)
        .min();
    match near {
        Some((_, word)) => format!("unknown {what} `{given}`; did you mean `{word}`?"),
        None => format!("unknown {what} `{given}`; known here: {}", known.join(", ")),
    }
}
