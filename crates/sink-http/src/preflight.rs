//! Tries the credential, where the destination has a call that changes nothing.

use kalends_sink::{Context, Report};

use crate::{Metrics, answer, answer::Meaning, kind::HttpSettings, preset, round::Request, send::Sender};

/// Tries what can be tried without changing anything.
pub(crate) fn preflight(settings: &HttpSettings, context: &Context<'_>) -> Report {
    let mut report = Report::default();
    let Some(preset) = preset::named(settings.preset.as_str()) else { return report };
    let sender = match Sender::new(settings, preset, Metrics::default().of(context.name)) {
        Ok(sender) => sender,
        Err(failure) => {
            report.fail(&failure);
            return report;
        }
    };
    if !settings.send {
        report.notes.push("`send: false`: requests are made and counted, and none is sent".to_owned());
    }
    report
        .notes
        .push(format!("after a crash or a lost answer some events are sent again: {}", preset.repeats));
    let place = &sender.place;
    let (Some(reply), Some(probe)) = (sender.probe(), &preset.probe) else {
        report.notes.push(format!(
            "{} has no call that proves a credential and changes nothing: nothing was sent to {place}; the first event will tell",
            preset.about
        ));
        return report;
    };
    match reply {
        Ok(reply) if probe.proves.contains(&reply.status) || (200..300).contains(&reply.status) => {
            report.notes.push(format!("{place} takes the token"));
        }
        Ok(reply) => {
            match answer::meaning(
                place,
                &preset.answers,
                &Request::default(),
                sender.hidden(),
                &reply,
                context.now,
            ) {
                Meaning::Hold { message, .. }
                | Meaning::Refused { message, .. }
                | Meaning::Conflict(message) => {
                    report.wrong.push(message);
                }
                Meaning::Retry { message, .. } => report.unavailable.push(message),
                Meaning::Pace(_) => {
                    report.unavailable.push(format!("{place} takes no more requests for now"));
                }
                Meaning::Taken(_) => {}
            }
        }
        Err(error) => match answer::no_answer(place, &error) {
            Meaning::Hold { message, .. } => report.wrong.push(message),
            Meaning::Retry { message, .. } => report.unavailable.push(message),
            _ => {}
        },
    }
    report
}
