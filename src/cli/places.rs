//! Where a run's files go: nothing of the caller's is in the way, and nothing is left of a run that was none.

use std::path::{Path, PathBuf};

use anyhow::anyhow;

use crate::io::write::{self, is_of_a_report};
use crate::pipeline::error::RunError;

use super::exit::Ending;

/// Where reports go that have no other place, each in a folder of its run.
pub(super) const RUNS: &str = "ringback-runs";

/// Refuses a file of the caller's that the report would overwrite.
pub(super) fn apart(out: &Path, file: &Path, what: &str) -> Result<(), Ending> {
    let is_named = file.file_name().and_then(|name| name.to_str()).is_some_and(is_of_a_report);
    let folder = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if is_named && folder(parent) == folder(out) {
        let (file, out) = (file.display(), out.display());
        return Err(Ending::usage(&format!(
            "{what} {file} has the name of a file of the report in {out}, which would replace it; name another"
        )));
    }
    Ok(())
}

/// Refuses a place that can be no folder, and inputs that the report would overwrite.
pub(super) fn safe_from(out: &Path, inputs: &[String]) -> Result<(), Ending> {
    write::may_be_a_folder(out).map_err(RunError::from)?;
    let Ok(folder) = out.canonicalize() else { return Ok(()) };
    let overwritten = inputs.iter().find(|input| {
        let path = Path::new(input).canonicalize().ok();
        let name = path.as_deref().filter(|path| path.parent() == Some(&folder)).and_then(Path::file_name);
        name.and_then(|name| name.to_str()).is_some_and(is_of_a_report)
    });
    match overwritten {
        Some(input) => Err(Ending::usage(&format!(
            "{input} is a file of the report in {}, which this run would replace; move it, or name another --out",
            out.display()
        ))),
        None => Ok(()),
    }
}

/// Folders that were made for a report. Dropped, it takes them away as far as they are empty: a run that was refused
/// leaves none behind.
#[derive(Debug)]
pub(super) struct Made {
    /// Those that were not there before, the innermost first.
    folders: Vec<PathBuf>,
}

impl Made {
    /// Makes the folder of a report and tries it, so that a place that takes no report is told before anything is sent.
    pub(super) fn ready(out: &Path) -> Result<Self, Ending> {
        let is_new = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
        let made = Self { folders: out.ancestors().take_while(is_new).map(Path::to_owned).collect() };
        let tried = write::folder(out).and_then(|()| write::takes_a_report(out));
        tried.map_err(|error| Ending::io(anyhow!("{error}; nothing was sent")))?;
        Ok(made)
    }
    /// Takes them away for whoever leaves without an end.
    pub(super) fn clearing(&self) -> impl FnOnce() + Send + 'static {
        let folders = self.folders.clone();
        move || clear_away(&folders)
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        clear_away(&self.folders);
    }
}

fn clear_away(folders: &[PathBuf]) {
    for folder in folders {
        // What is not empty stays.
        let _ = std::fs::remove_dir(folder);
    }
}
