//! What the page of a report tells besides the sums: the hours as the run leaves them, and how its requests left.

use crate::domain::exit::ExitCode;
use crate::domain::outcome::{Outcome, Status};
use crate::domain::outlook::CampaignOutlook;
use crate::domain::report::Report;
use crate::domain::time::Timestamp;
use crate::domain::traffic::Traffic;
use crate::logic::place::Plan;
use crate::render::page::{Page, to_html};
use crate::render::surroundings::Surroundings;

use super::error::RunError;
use super::intake::Intake;
use super::report::Drafts;
use super::split::Split;
use super::stages::Files;

/// What is known besides the sums.
#[derive(Default)]
pub(super) struct Aside {
    /// What stands around the sums.
    pub(super) around: Surroundings<'static>,
    /// The hours of a run; a plan's stand in its report.
    pub(super) hours: Option<Vec<CampaignOutlook>>,
    /// How requests left.
    pub(super) traffic: Option<Traffic>,
}

impl Files<'_> {
    /// Adds the page to a report. One that cannot be made is a fault of ours, and keeps nobody from the other files.
    pub(super) fn with_page(&self, drafts: Drafts, report: &mut Report) -> Result<Drafts, RunError> {
        let planned = report.outlook.as_ref().map(|outlook| outlook.campaigns.as_slice());
        let html = to_html(&Page {
            report,
            around: &self.aside.around,
            uncalled: &drafts.uncalled,
            hours: self.aside.hours.as_deref().or(planned),
            traffic: self.aside.traffic.as_ref(),
            beside: &drafts.names(),
        });
        match html {
            Ok(html) => drafts.with_page(&html),
            Err(error) => {
                tracing::error!("{error}");
                report.add_condition(ExitCode::Fault);
                Ok(drafts)
            }
        }
    }
}

/// The hours as a run leaves them: some callbacks were placed again on the way, and some will not be called.
pub(super) fn as_they_stand(
    mut hours: Vec<CampaignOutlook>,
    plan: &Plan,
    split: &Split,
    intake: &Intake,
) -> Vec<CampaignOutlook> {
    let index = |name: &str| hours.iter().position(|campaign| campaign.name == name);
    let by_number: Vec<Option<usize>> = intake.campaigns.words().map(index).collect();
    for &(place, planned) in &plan.placed {
        let is_late = plan.late.binary_search(&place).is_ok();
        let (before, after) = ((!is_late).then_some(planned), stands_at(split, place));
        let campaign = intake.callbacks[place as usize].campaign.0 as usize;
        if let (true, Some(Some(index))) = (before != after, by_number.get(campaign)) {
            hours[*index].day.moved(before, after);
        }
    }
    hours
}

/// When a callback is to be dispatched, where it is.
fn stands_at(split: &Split, place: u32) -> Option<Timestamp> {
    let Some(Outcome::Stands(standing)) = split.outcomes.get(place as usize)?.as_ref() else { return None };
    let is_over = matches!(standing.status(standing.run), Status::Failed | Status::Expired);
    standing.told_dispatch_at().filter(|_| !is_over)
}
