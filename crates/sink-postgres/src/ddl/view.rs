//! Which views may be replaced: those that nobody but this sink has written.

use super::{catalog::Relation, migrate::Step, statement::create_view};
use crate::state::View;

/// The form of the views, raised when an expression changes: an older one is replaced.
const FORM: u32 = 1;

/// What is to be done about a view.
#[derive(Debug)]
pub(super) enum Verdict {
    /// Nothing.
    Fine,
    /// It is missing, or lacks columns.
    Make(Step),
    /// Somebody has written it; it is left as it is, without these columns.
    Left(String),
}

pub(super) fn judge(schema: &str, view: &View, found: Option<&Relation>) -> Verdict {
    let Some(found) = found else {
        return Verdict::Make(create_view(schema, view, &view.columns.iter().collect::<Vec<_>>(), false));
    };
    let is_there = |name: &String| found.columns.contains(name);
    let lacking: Vec<&str> =
        view.columns.iter().filter(|(name, _)| !is_there(name)).map(|(name, _)| name.as_str()).collect();
    let (form, definition) = mark_of(found.comment.as_deref().unwrap_or_default()).unwrap_or_default();
    let is_ours = found.definition.as_deref() == Some(definition);
    if is_ours && lacking.is_empty() && form >= FORM {
        return Verdict::Fine;
    }
    // A view's columns keep their places; new ones come at the end.
    let known = |name: &String| view.columns.iter().find(|(column, _)| column == name);
    let kept: Option<Vec<_>> = found.columns.iter().map(known).collect();
    match kept {
        Some(mut columns) if is_ours => {
            columns.extend(view.columns.iter().filter(|(name, _)| !is_there(name)));
            Verdict::Make(create_view(schema, view, &columns, true))
        }
        _ if is_ours || !lacking.is_empty() => Verdict::Left(format!(
            "view {schema}.{} was changed by somebody, so that it is left as it is; it lacks: {}",
            view.name,
            lacking.join(", ")
        )),
        _ => Verdict::Fine,
    }
}

/// The comment of a view: what it is, and by what it is known again.
pub(super) fn marked(doc: &str, definition: &str) -> String {
    format!("{doc} [kalends {FORM} {definition}]")
}

fn mark_of(comment: &str) -> Option<(u32, &str)> {
    let (_, mark) = comment.strip_suffix(']')?.rsplit_once("[kalends ")?;
    let (form, definition) = mark.split_once(' ')?;
    Some((form.parse().ok()?, definition))
}
