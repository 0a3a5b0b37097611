//! The request that a record becomes, for people: made as live delivery makes it, without a secret.

use kalends_sink::{Explanation, Record, RowBuffer, Stream};

use crate::{
    compose::Composer,
    event::{Event, Reader},
    kind::{HttpSettings, place},
    preset::{self, Auth, Preset},
    round::{Pack, Request},
    store::Memory,
};

/// The request of one record, of whose subscription nothing is known from before.
pub(crate) fn explain(settings: &HttpSettings, stream: &Stream, record: &Record<'_>) -> Explanation {
    let Some(preset) = preset::named(settings.preset.as_str()) else { return Explanation::default() };
    match event(stream, record) {
        Ok(event) => of(settings, preset, &event, record.received_at),
        Err(error) => Explanation { written: vec![("not sent", error)], ..Explanation::default() },
    }
}

fn event(stream: &Stream, record: &Record<'_>) -> Result<Event, String> {
    let reader = Reader::new(&stream.schema).map_err(|error| error.to_string())?;
    reader.read(record, &mut RowBuffer::default()).map_err(|error| error.to_string())
}

fn of(settings: &HttpSettings, preset: &'static Preset, event: &Event, now: i64) -> Explanation {
    let composer = Composer::new(preset, settings, true);
    let pack = Pack { composer: &composer, most: 1, halves: &std::collections::BTreeMap::new(), now };
    let wave = match pack.wave(&[event], &mut Memory::new(None, &[])) {
        Ok(wave) => wave,
        Err(error) => {
            return Explanation { written: vec![("not sent", error.to_string())], ..Explanation::default() };
        }
    };
    if let Some((_, reason, message)) = wave.refused {
        return Explanation {
            written: vec![("dead letter", format!("{reason}: {message}"))],
            ..Explanation::default()
        };
    }
    let Some(request) = wave.requests.first() else {
        let fate = wave.left.first().map_or("nothing", |part| part.fate.as_str());
        return Explanation { written: vec![("not sent", fate.to_owned())], ..Explanation::default() };
    };
    let mut written = vec![("request", format!("POST {}{}", place(settings.url.expose()), path(preset)))];
    if !settings.send {
        written.push(("not sent", "send: false".to_owned()));
    }
    written.push(("body", String::from_utf8_lossy(&request.body).into_owned()));
    Explanation { headers: headers(preset, settings, request), written }
}

/// The preset's path; that of the address is never shown.
fn path(preset: &Preset) -> &str {
    if preset.path.is_empty() { "/…" } else { &preset.path }
}

fn headers(preset: &Preset, settings: &HttpSettings, request: &Request) -> Vec<(String, String)> {
    let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut headers = vec![own("content-type", "application/json")];
    match preset.auth {
        Auth::StandardWebhooks => {
            headers.push(own("webhook-id", &request.id));
            headers.push(own("webhook-timestamp", "(when it is sent)"));
            headers.push(own("webhook-signature", "v1,(masked)"));
        }
        Auth::Bearer if settings.token.is_some() => headers.push(own("authorization", "Bearer (masked)")),
        Auth::BasicUser if settings.token.is_some() => headers.push(own("authorization", "Basic (masked)")),
        _ => {}
    }
    headers.extend(request.headers.iter().cloned());
    headers
}
