use kalends_normalise::Plan;

use kalends_value::{Misfit, Path, nearest};

use super::{Settings, Sink};

/// Brings the event types that sinks speak of to the spelling of the plan's record types; case does not count, because names of
/// environment variables have none.
pub(super) fn canonicalise(settings: &mut Settings, plan: &Plan, misfits: &mut Vec<Misfit>) {
    let known: Vec<&str> = plan.records().iter().map(|record| record.name.as_str()).collect();
    let find = |word: &str| {
        let same = known.iter().find(|known| known.eq_ignore_ascii_case(word));
        same.copied().ok_or_else(|| nearest("event type", word, &known))
    };
    for (name, sink) in &mut settings.sinks {
        let at = Path::keys(&["sinks", name]);
        let (only, except, topics) = match sink {
            Sink::Files(files) => (&mut files.only, &mut files.except, &mut files.topics),
            Sink::Kafka(kafka) => (&mut kafka.only, &mut kafka.except, &mut kafka.topics),
        };
        for (key, list) in [("only", only), ("except", except)] {
            for (index, word) in list.iter_mut().enumerate() {
                match find(word) {
                    Ok(known) => known.clone_into(word),
                    Err(message) => misfits.push((at.key(key).item(index), message)),
                }
            }
        }
        let at = at.key("topics").key("names");
        for (word, topic) in std::mem::take(&mut topics.names) {
            match find(&word) {
                Ok(known) => drop(topics.names.insert(known.to_owned(), topic)),
                Err(message) => misfits.push((at.key(&word), message)),
            }
        }
    }
}
