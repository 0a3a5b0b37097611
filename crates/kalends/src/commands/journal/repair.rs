use std::{fmt::Write as _, path::Path};

use kalends_journal_local::repair as mend;
use serde_json::json;

use super::{unopened, verify};
use crate::{
    cli::RepairArgs,
    output::{
        exit::{Exit, Failure},
        stdout::Stdout,
    },
};

/// Repairs a journal, or says what a repair would do.
pub(super) fn repair(directory: &Path, args: &RepairArgs) -> Result<(), Failure> {
    let name = directory.display();
    let (damage, set_aside) = if args.yes {
        let repaired = mend(directory).map_err(|error| unopened(&error))?;
        (repaired.damage, repaired.set_aside)
    } else {
        (verify::with_progress(directory)?.damage, Vec::new())
    };
    let verdict = verify::verdict(&damage);
    if args.json {
        let places: Vec<_> = damage.iter().map(verify::place).collect();
        let repaired = args.yes && !damage.is_empty();
        let object = json!({ "repaired": repaired, "damage": places, "set_aside": set_aside });
        Stdout::lock().line(object).map(drop)?;
    } else {
        let mut text = String::new();
        for path in &set_aside {
            // Writing to a string can't fail.
            writeln!(text, "set aside: {}", path.display()).ok();
        }
        text += &verify::places(&damage);
        match damage.as_slice() {
            [] => writeln!(text, "{name}: sound, nothing to repair").ok(),
            _ if args.yes => writeln!(text, "{name}: repaired ({verdict})").ok(),
            _ => None,
        };
        verify::say(&text);
    }
    if damage.is_empty() || args.yes {
        return Ok(());
    }
    let message = format!(
        "{name}: {verdict}; nothing was changed: with --yes the damaged bytes go to {} and everything else stays readable",
        directory.join("set-aside").display()
    );
    Err(Failure::new(Exit::Disk, message))
}
