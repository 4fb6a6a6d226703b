//! Takes up what the ledger holds unfinished: a batch that has no inputs, and in which every callback is known.

use crate::domain::callback::{Callback, RowNumber};
use crate::domain::interned::CampaignNo;
use crate::domain::language::LanguageTag;
use crate::domain::limits::CALLBACKS_MAX;
use crate::domain::outcome::Standing;
use crate::io::ledger::{Enrolment, LedgerError, LedgerRead};

use super::error::RunError;
use super::intake::{Intake, Languages};

/// What the ledger holds unfinished, by dispatch time.
pub struct Unfinished {
    /// The callbacks, each once.
    pub intake: Intake,
    /// How each of them stands, by place.
    pub standings: Vec<Standing>,
}

/// Takes up all that a run owes something. Nothing is written.
pub async fn take_up<R: LedgerRead>(ledger: &R) -> Result<Unfinished, RunError> {
    let kept = ledger.unfinished().await?;
    if kept.len() > CALLBACKS_MAX {
        return Err(RunError::TooMany { what: "unfinished callbacks", most: CALLBACKS_MAX });
    }
    let (mut intake, mut languages) = (Intake::default(), Languages::default());
    let mut standings = Vec::with_capacity(kept.len());
    for kept in kept {
        let Enrolment { id, phone, window, campaign, language, offset_minutes } = kept.enrolment;
        let damaged = || LedgerError::Damaged(format!("the language {language:?} of {id}"));
        // It has no record; lines are counted from 1.
        let mut callback = Callback::new(phone, window, RowNumber::new(0, 0));
        callback.campaign = CampaignNo(intake.campaigns.number(&campaign));
        callback.language = languages.number(&LanguageTag::parse(&language).ok_or_else(damaged)?);
        callback.offset_minutes = offset_minutes;
        intake.callbacks.push(callback);
        standings.push(kept.standing);
    }
    intake.rows = intake.callbacks.len() as u64;
    intake.languages = languages.tags;
    Ok(Unfinished { intake, standings })
}
