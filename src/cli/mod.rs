//! Floor 5: how a person asks, and how they are answered.

mod again;
mod args;
mod args_ledger;
mod args_ops;
mod doctor;
mod exit;
mod log;
mod lookup;
mod order;
mod output;
mod pages;
mod pause;
mod paused;
mod places;
mod progress;
mod rehearsal;
pub mod settings;
mod state;
mod stop;
mod watch;
mod words;
mod work;

use std::io::{self, Write};
use std::process;

use anyhow::anyhow;
use clap::{CommandFactory, FromArgMatches};

use crate::domain::exit::ExitCode;
use crate::io::clock::Clock;
use crate::io::crash;
use crate::sample::{self, SampleSettings};

use args::{Arguments, Command, ConfigArgs, SampleArgs};
use args_ledger::LedgerCommand;
use exit::Ending;
use output::{heard, say};
use progress::Progress;
use work::Desk;

/// Does what the command line asks, and gives the exit code.
#[must_use]
pub fn main() -> process::ExitCode {
    let parsed = command().try_get_matches().and_then(|matches| Arguments::from_arg_matches(&matches));
    let arguments = match parsed {
        Ok(arguments) => arguments,
        Err(error) => return process::ExitCode::from(told(&error)),
    };
    let common = &arguments.common;
    let progress = Progress::begin(common);
    log::begin(common, &progress.bar);
    let ended = carry_out(&arguments, &Desk { common, progress: &progress });
    progress.finish();
    match ended {
        Ok(code) => process::ExitCode::from(code.number()),
        Err(Ending { code, words }) => {
            if let Some(words) = words {
                log::last_words(common, &words);
            }
            process::ExitCode::from(code.number())
        }
    }
}

/// Prints help and versions to standard output, what is wrong with a command line to standard error. Somebody who has
/// stopped reading has seen enough; what cannot be written is told.
fn told(error: &clap::Error) -> u8 {
    let printed = error.print().and_then(|()| io::stdout().flush());
    match printed {
        Err(why) if !error.use_stderr() && why.kind() != io::ErrorKind::BrokenPipe => {
            let _ = writeln!(io::stderr(), "ringback: standard output: {why}");
            ExitCode::Io.number()
        }
        Ok(()) | Err(_) => u8::try_from(error.exit_code()).unwrap_or(ExitCode::Usage.number()),
    }
}

/// What can be typed, with what stands elsewhere.
fn command() -> clap::Command {
    let resumed = |sandbox: clap::Arg| sandbox.help(args::SANDBOX_OF_RESUME);
    let of_a_plan = |compare: clap::Arg| compare.requires("dry_run");
    Arguments::command()
        .mut_subcommand("sandbox", |sandbox| sandbox.after_help(rehearsal::FAULTS))
        .mut_subcommand("run", |run| run.mut_arg("compare", of_a_plan))
        .mut_subcommand("resume", |resume| resume.mut_arg("sandbox", resumed).mut_arg("compare", of_a_plan))
}

fn carry_out(arguments: &Arguments, desk: &Desk<'_>) -> Result<ExitCode, Ending> {
    arm()?;
    match &arguments.command {
        Command::Run(args) => work::do_run(args, desk),
        Command::Resume(args) => work::do_resume(args, desk),
        Command::Validate(args) => work::do_validate(args, desk),
        Command::Plan(args) => work::do_plan(args, desk),
        Command::Runs(args) => lookup::do_runs(args, desk),
        Command::Show(args) => lookup::do_show(args, desk),
        Command::Report(args) => lookup::do_report(args, desk),
        Command::Settle(args) => lookup::do_settle(args, desk),
        Command::Reconcile(args) => lookup::do_reconcile(args, desk),
        Command::Backup(args) => lookup::do_backup(args, desk),
        Command::Ledger(LedgerCommand::Adopt(args)) => lookup::do_adopt(args, desk),
        Command::Pause(args) => pause::do_pause(args, desk),
        Command::Unpause(args) => pause::do_unpause(args, desk),
        Command::Sandbox(args) => rehearsal::serve(args),
        Command::Sample(args) => sample(args),
        Command::Config(args) => config(args, desk),
        Command::Doctor(args) => doctor::do_doctor(args, desk),
        Command::Completions(args) => pages::do_completions(args, command()),
        Command::Man(args) => pages::do_man(args, command()),
    }
}

/// Makes the process die where the environment asks for it.
fn arm() -> Result<(), Ending> {
    let Some(point) = std::env::var_os(crash::VARIABLE).filter(|point| !point.is_empty()) else { return Ok(()) };
    crash::arm(&point.to_string_lossy()).map_err(|unknown| Ending::settings(anyhow!("{unknown}")))
}

/// One thread for everything that waits; reading and validating have threads of their own.
fn runtime() -> Result<tokio::runtime::Runtime, Ending> {
    let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
    built.map_err(|error| Ending::io(anyhow!("the machine gives no runtime: {error}")))
}

fn sample(args: &SampleArgs) -> Result<ExitCode, Ending> {
    let now = args.now.unwrap_or_else(|| Clock::system().now()).unix();
    let (rows, seed, format) = (args.rows, args.seed, args.format);
    let settings = SampleSettings { rows, seed, broken_percent: args.broken, format, now };
    let mut out = io::BufWriter::with_capacity(1 << 16, io::stdout().lock());
    heard(sample::write(&settings, &mut out).and_then(|()| out.flush()))
}

fn config(args: &ConfigArgs, desk: &Desk<'_>) -> Result<ExitCode, Ending> {
    let text = if args.default {
        settings::default_file()
    } else {
        let (overrides, around) = (settings::Overrides::default(), settings::Surroundings::of_this_process());
        let in_force = settings::InForce::load(desk.common.config.as_deref(), &overrides, &around)?;
        if desk.common.json { format!("{:#}\n", in_force.to_json()) } else { in_force.render() }
    };
    say(text)
}
