//! `completions` and `man`: made of the same definitions as the command line itself, so that they are never behind it.

use std::io;
use std::path::Path;

use anyhow::anyhow;
use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use crate::domain::exit::ExitCode;
use crate::io::write::{Readers, WriteError, may_be_a_folder};

use super::args_ops::{CompletionsArgs, ManArgs};
use super::exit::Ending;
use super::output::{save, say};

/// The section of the manual in which commands stand.
const SECTION: &str = "1";

/// `ringback completions`.
pub(super) fn do_completions(args: &CompletionsArgs, mut command: Command) -> Result<ExitCode, Ending> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "ringback", &mut script);
    say(script)
}

/// `ringback man`: the first page on standard output, or all pages in a folder.
pub(super) fn do_man(args: &ManArgs, command: Command) -> Result<ExitCode, Ending> {
    let mut command = command.disable_help_subcommand(true);
    command.build();
    match &args.out {
        None => say(page(&command).map_err(|error| unmade(&error))?),
        Some(folder) => {
            let made =
                may_be_a_folder(folder).and_then(|()| std::fs::create_dir_all(folder).map_err(WriteError::at(folder)));
            made.map_err(|error| Ending::io(error.into()))?;
            write_all(&command, folder)?;
            Ok(ExitCode::Done)
        }
    }
}

/// Writes the page of a command, and those of the commands in it.
fn write_all(command: &Command, folder: &Path) -> Result<(), Ending> {
    for inner in command.get_subcommands() {
        write_all(inner, folder)?;
    }
    let path = folder.join(Man::new(command.clone()).section(SECTION).get_filename());
    let page = page(command).map_err(|error| unmade(&error))?;
    save(&path, Readers::All, &page).map_err(|error| Ending::io(error.into()))
}

/// A page. What stands behind a command's help keeps its lines: it is made of tables.
fn page(command: &Command) -> io::Result<Vec<u8>> {
    let man = Man::new(command.clone()).section(SECTION).manual("ringback");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    if let Some(behind) = command.get_after_help() {
        // The exit codes stand behind the whole, notes on one command behind that command.
        let heading = if command.has_subcommands() { "EXIT STATUS" } else { "NOTES" };
        let mut roff = Roff::default();
        roff.control("SH", [heading]).control("nf", []);
        for line in behind.to_string().lines() {
            roff.text([roman(line)]);
        }
        roff.control("fi", []).to_writer(&mut page)?;
    }
    man.render_version_section(&mut page)?;
    Ok(page)
}

fn unmade(error: &io::Error) -> Ending {
    Ending::io(anyhow!("the page cannot be made: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::command;

    fn commands(command: &Command) -> Vec<Command> {
        let inner = command.get_subcommands().flat_map(commands);
        inner.chain([command.clone()]).collect()
    }

    fn whole() -> Command {
        let mut command = command().disable_help_subcommand(true);
        command.build();
        command
    }

    #[test]
    fn every_command_has_a_page_that_names_all_its_options() {
        for command in commands(&whole()) {
            let page = String::from_utf8(page(&command).expect("a page")).expect("text").replace('\\', "");
            // Before that, the synopsis names them all.
            let (_, page) = page.split_once(".SH OPTIONS").expect("options");
            for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
                let long = argument.get_long().map(|long| format!("--{long}"));
                let name = long.unwrap_or_else(|| argument.get_id().to_string().to_uppercase());
                let told = page.contains(&name)
                    || argument.get_value_names().is_some_and(|names| page.contains(names[0].as_str()));
                assert!(told, "{name} of {} in {page}", command.get_name());
            }
        }
    }

    #[test]
    fn the_exit_codes_keep_their_lines() {
        let page = String::from_utf8(page(&whole()).expect("a page")).expect("text");
        assert!(page.contains(".SH \"EXIT STATUS\"\n.nf\n"), "{page}");
        assert!(page.contains("\n  75  another run holds the ledger, or it is paused: `ringback unpause`\n"), "{page}");
        let order: Vec<String> = ExitCode::WORST_FIRST[1..12].iter().map(ToString::to_string).collect();
        assert!(page.contains(&format!("in the order {}):\n", order.join(" "))), "{page}");
        for code in ExitCode::WORST_FIRST {
            assert!(page.contains(&format!("\n  {code:>2}  ")), "{code} in {page}");
        }
    }
}
