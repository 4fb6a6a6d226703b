//! Compares inputs, ledger and platform, and writes down what was found. It asks nobody and changes nothing.

pub mod contacts;
#[cfg(test)]
mod tests;

use std::path::Path;

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use crate::domain::callback::CallbackId;
use crate::io::ledger::{Archive, Enrolment, Kept, LedgerError};
use crate::io::write::{Draft, WriteError, folder};
use crate::logic::reconcile::contact::Wish;
use crate::logic::reconcile::finding::Conclusion;
use crate::logic::reconcile::known::Known;
use crate::logic::reconcile::reconciler::Reconciler;
use crate::logic::reconcile::settlement::Settlement;
use crate::logic::reconcile::sums::{InputSums, PlatformSums, Sums};
use crate::logic::reconcile::survey::Survey;
use crate::logic::reconcile::wanted::Wanted;
use crate::render::reconciliation::{Around, COLUMNS};
use crate::render::surroundings::Commands;

use super::error::RunError;
use super::intake::Intake;
use contacts::Export;

/// The name of the file of findings.
pub const FILE: &str = "reconciliation.csv";

/// The name of the file of the sums.
pub const SUMS: &str = "reconciliation.json";

/// How a comparison ended.
#[derive(Debug)]
pub struct Reconciled {
    /// Its sums.
    pub sums: Sums,
    /// The callbacks in doubt.
    pub settlement: Settlement,
}

/// Compares the three sides, and writes `reconciliation.csv` into a folder; the sums of an earlier one go, for they
/// would be misread. The ledger is held as it is now, whatever a run does to it meanwhile.
pub fn reconcile(
    intake: &Intake,
    export: &mut Export,
    reader: &Archive,
    (out, commands): (&Path, &Commands),
) -> Result<Reconciled, RunError> {
    let _still = reader.hold_still()?;
    let mut survey = Survey::new(std::mem::take(&mut export.contacts), wanted(intake));
    let walked = reader.each_callback(|kept| {
        survey.note(&known(&kept));
        Ok::<_, LedgerError>(())
    })?;
    let mut reconciler = survey.end();
    let of = (intake, &*export, commands);
    let mut telling = Telling::begin(intake, export, out)?;
    reader.each_callback(|kept| match reconciler.judge(known(&kept)) {
        Some(conclusion) => telling.tell(&conclusion, &around(of, &reconciler)),
        None => Ok(()),
    })?;
    reconciler.end(|reconciler, conclusion| telling.tell(conclusion, &around(of, reconciler)))?;
    for (row, why) in &export.unreadable {
        telling.tell(&Conclusion::of_unread(*row, why), &around(of, &reconciler))?;
    }
    telling.done.sums.input.rejected += reconciler.closed_rows();
    if !telling.done.sums.add_up(walked) {
        return Err(RunError::Fault("the sums of the comparison do not add up".to_owned()));
    }
    telling.publish(out)
}

/// The callbacks of a batch that count, by their ids.
fn wanted(intake: &Intake) -> Wanted<'_> {
    let places = intake.callbacks.par_iter().enumerate();
    let ids = places.filter_map(|(place, callback)| {
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        let counts = intake.duplicate_of(place).is_none();
        counts.then(|| (CallbackId::of(callback.phone, callback.window(), intake.campaign(callback)), place))
    });
    Wanted::new(&intake.callbacks, &intake.campaigns, ids.collect()).closed_at(&intake.outside_hours)
}

fn known(kept: &Kept) -> Known {
    let Kept { enrolment: Enrolment { id, phone, window, campaign, .. }, standing } = kept;
    Known::new(*id, &Wish { phone: *phone, window: *window, campaign, dispatch_at: None }, standing)
}

fn around<'a>(
    (intake, export, commands): (&'a Intake, &'a Export, &'a Commands),
    reconciler: &'a Reconciler<'_>,
) -> Around<'a> {
    let (contacts, wanted) = (reconciler.contacts(), reconciler.wanted());
    Around { contacts, wanted, inputs: &intake.inputs, exports: &export.files, commands }
}

/// The file while it is written, and the sums of what was written.
struct Telling {
    file: csv::Writer<Draft>,
    done: Reconciled,
}

impl Telling {
    fn begin(intake: &Intake, export: &Export, out: &Path) -> Result<Self, RunError> {
        folder(out)?;
        let path = out.join(FILE);
        let mut file = csv::Writer::from_writer(Draft::begin(&path)?);
        file.write_record(COLUMNS).map_err(|error| WriteError::at(&path)(error.into()))?;
        let (rejected, duplicate) = (intake.rejected, intake.duplicates.len() as u64);
        let input = InputSums { rows: intake.rows, rejected, duplicate, ..InputSums::default() };
        let platform = PlatformSums { rows: export.rows, ..PlatformSums::default() };
        let sums = Sums { input, platform, ..Sums::default() };
        Ok(Self { file, done: Reconciled { sums, settlement: Settlement::default() } })
    }

    fn tell(&mut self, conclusion: &Conclusion, around: &Around<'_>) -> Result<(), RunError> {
        self.done.sums.add(conclusion);
        self.done.settlement.add(conclusion, around.contacts);
        for finding in &conclusion.findings {
            let cells = around.cells(conclusion, finding);
            let written = self.file.write_record(cells.iter().map(|cell| cell.as_bytes()));
            written.map_err(|error| WriteError::at(Path::new(FILE))(error.into()))?;
        }
        Ok(())
    }

    fn publish(mut self, out: &Path) -> Result<Reconciled, RunError> {
        let unwritten = |error: std::io::Error| RunError::from(WriteError::at(Path::new(FILE))(error));
        self.file.flush().map_err(unwritten)?;
        let draft = self.file.into_inner().map_err(|error| unwritten(error.into_error()))?;
        let earlier = out.join(SUMS);
        match std::fs::remove_file(&earlier) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(WriteError::at(&earlier)(error).into());
            }
            Ok(()) | Err(_) => {}
        }
        draft.publish()?;
        Ok(self.done)
    }
}
