use std::collections::{BTreeMap, BTreeSet};

use kalends_normalise::Plan;

use kalends_value::{Misfit, Path};

use crate::{Kafka, Settings, Sink};

/// Holds that no two sinks write events of one type to one topic of the same brokers: each event would stand there twice.
/// Dead letters may: each sink has its own.
pub(super) fn check(settings: &Settings, plan: &Plan, misfits: &mut Vec<Misfit>) {
    let mut taken: BTreeMap<(BTreeSet<&str>, String), &str> = BTreeMap::new();
    for (name, sink) in &settings.sinks {
        let Sink::Kafka(kafka) = sink else { continue };
        let (brokers, mut told) = (brokers(kafka), BTreeSet::new());
        for topic in event_topics(kafka, plan) {
            let place = (brokers.clone(), topic.clone());
            let Some(owner) = taken.get(&place) else {
                taken.insert(place, name);
                continue;
            };
            if told.insert(*owner) {
                let at = Path::keys(&["sinks", name, "topics"]);
                let message = format!(
                    "sink `{owner}` writes to `{topic}` of these brokers, too, where each event would stand twice; choose another \
                     topics.prefix, or let only and except divide the event types between them"
                );
                misfits.push((at, message));
            }
        }
    }
}

fn brokers(kafka: &Kafka) -> BTreeSet<&str> {
    kafka.brokers.split(',').map(str::trim).collect()
}

/// The topics that the sink's events go to.
fn event_topics<'a>(kafka: &'a Kafka, plan: &'a Plan) -> impl Iterator<Item = String> + use<'a> {
    let events = plan.records().iter().enumerate().filter(|(index, _)| *index != plan.dead_letter());
    let wanted = events.map(|(_, record)| record).filter(|record| {
        let is_in = |names: &[String]| names.contains(&record.name);
        (kafka.only.is_empty() || is_in(&kafka.only)) && !is_in(&kafka.except)
    });
    wanted.map(|record| kafka.topics.topic(&record.name, &record.topic_suffix))
}
