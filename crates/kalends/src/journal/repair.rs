use std::path::Path;

use kalends_journal::repair as mend;

use super::{disk, verify};
use crate::exit::{Exit, Failure};

/// Repairs a journal, or says what a repair would do.
pub(super) fn repair(directory: &Path, yes: bool) -> Result<(), Failure> {
    let name = directory.display();
    let damage = if yes {
        let repaired = mend(directory).map_err(|error| disk(&error))?;
        for path in &repaired.set_aside {
            verify::say(&format!("set aside: {}\n", path.display()));
        }
        repaired.damage
    } else {
        verify::with_progress(directory)?.damage
    };
    verify::say(&verify::places(&damage));
    if damage.is_empty() {
        verify::say(&format!("{name}: sound, nothing to repair\n"));
        return Ok(());
    }
    let verdict = verify::verdict(&damage);
    if yes {
        verify::say(&format!("{name}: repaired ({verdict})\n"));
        return Ok(());
    }
    let message = format!(
        "{name}: {verdict}; nothing was changed: with --yes the damaged bytes go to {} and everything else stays readable",
        directory.join("set-aside").display()
    );
    Err(Failure::new(Exit::Disk, message))
}
