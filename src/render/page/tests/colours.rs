//! Colours, by the numbers.

use std::collections::BTreeMap;

/// WCAG 2.2: text 4.5, what a picture is made of 3, against the paper.
#[test]
fn colours_can_be_told_from_the_paper() {
    let style = include_str!("../style.css");
    for scheme in ["@media (prefers-color-scheme: dark)", ":root", "@media print"] {
        let block = style.split_once(scheme).expect("a scheme").1;
        let block = block.split_once("--paper").map(|(_, rest)| format!("--paper{rest}")).expect("colours");
        let colours: BTreeMap<&str, [f64; 3]> = block
            .split('}')
            .next()
            .into_iter()
            .flat_map(|block| block.split(';'))
            .filter_map(|line| line.trim().split_once(": "))
            .map(|(name, value)| (name, linear(value)))
            .collect();
        let paper = luminance(colours["--paper"]);
        for (names, least) in [
            (&["--ink", "--muted", "--link", "--good", "--look", "--bad"][..], 4.5),
            (&["--expected", "--before", "--added", "--line", "--wait", "--plain"], 3.0),
        ] {
            for name in names {
                let ratio = contrast(luminance(colours[name]), paper);
                assert!(ratio >= least, "{scheme} {name}: {ratio:.2}");
            }
        }
        let shaded = contrast(luminance(colours["--muted"]), luminance(colours["--shade"]));
        assert!(shaded >= 4.5, "{scheme} --muted on --shade: {shaded:.2}");
    }
}

fn linear(colour: &str) -> [f64; 3] {
    [1, 3, 5].map(|at| {
        let share = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).expect("two digits")) / 255.0;
        if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    })
}

fn luminance([red, green, blue]: [f64; 3]) -> f64 {
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(one: f64, other: f64) -> f64 {
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}
