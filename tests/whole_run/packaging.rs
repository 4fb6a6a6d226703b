//! What is packaged speaks of commands and options that are there.

use crate::stage::Stage;

/// The commands in a file of `packaging`, as a shell would see them.
fn commands(name: &str) -> Vec<Vec<String>> {
    let path = format!("{}/packaging/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let words = lines.map(|line| line.split([' ', '\'']).map(str::to_owned).collect::<Vec<_>>());
    let after_name = |words: Vec<String>| {
        let at = words.windows(2).rposition(|two| {
            let is_ringback = two[0] == "ringback" || two[0].ends_with("/ringback");
            is_ringback && ["run", "resume", "doctor"].contains(&two[1].as_str())
        })?;
        Some(words[at + 1..].to_vec())
    };
    words.filter_map(after_name).collect()
}

#[test]
fn every_option_in_them_is_known() {
    let stage = Stage::calm();
    let (mut seen, mut figures) = (0, Vec::new());
    for (file, count) in [("ringback.service", 1), ("ringback-resume.service", 1), ("crontab.example", 3)] {
        let commands = commands(file);
        assert_eq!(commands.len(), count, "{file}: {commands:?}");
        for command in commands {
            let written = command.iter().skip_while(|word| *word != "--metrics-file").nth(1);
            figures.extend(written.map(|file| format!("{file} of {}", command[0])));
            let help = stage.ringback(&[&command[0], "--help"]).with(0).stdout;
            for option in command.iter().filter(|word| word.starts_with('-')) {
                let is_known = help.split([' ', ',', '\n']).any(|word| word == option);
                assert!(is_known, "{option} of {} in {file}", command[0]);
                seen += 1;
            }
        }
    }
    assert!(seen >= 15, "{seen}");
    // Figures of `run` and `resume` would replace one another in one file: each has its own, the same with cron.
    assert_eq!(figures.len(), 4, "{figures:?}");
    for figure in figures {
        let (file, command) = figure.split_once(" of ").unwrap();
        assert!(file.ends_with(&format!("/ringback-{command}.prom")), "{figure}");
    }
}
