//! Writes the world's numbering plans into the program as they stand in the crate `phonenumber`. To open that crate's own
//! database parses every one of its patterns, which takes longer than all else that happens before the first row.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use phonenumber::Metadata;
use phonenumber::metadata::DATABASE;

/// Calling codes have one to three digits.
const CODES: std::ops::Range<u16> = 1..1000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let mut text = String::from(
        "/// By calling code, ascending; of each code the main region comes first.\npub(super) static PLANS: &[(u16, &[Region])] = &[\n",
    );
    for code in CODES {
        let Some(regions) = DATABASE.by_code(&code) else { continue };
        writeln!(text, "    ({code}, &[")?;
        regions.into_iter().try_for_each(|region| write_region(&mut text, region))?;
        writeln!(text, "    ]),")?;
    }
    text.push_str("];\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("plans.rs"), text)?;
    Ok(())
}

fn write_region(text: &mut String, region: &Metadata) -> std::fmt::Result {
    writeln!(text, "        Region {{ id: {:?}, national_prefix: {:?},", region.id(), region.national_prefix())?;
    let patterns = [
        ("national_prefix_for_parsing", region.national_prefix_for_parsing()),
        ("international_prefix", region.international_prefix()),
        ("leading_digits", region.leading_digits()),
    ];
    for (name, pattern) in patterns {
        writeln!(text, "            {name}: {:?},", pattern.map(|pattern| plain(pattern.as_str())))?;
    }
    let descriptors = region.descriptors();
    writeln!(text, "            general: {:?}, types: &[", plain(descriptors.general().national_number().as_str()))?;
    let types = [
        descriptors.fixed_line(),
        descriptors.mobile(),
        descriptors.toll_free(),
        descriptors.premium_rate(),
        descriptors.shared_cost(),
        descriptors.personal_number(),
        descriptors.voip(),
        descriptors.pager(),
        descriptors.uan(),
        descriptors.voicemail(),
    ];
    for one in types.into_iter().flatten() {
        writeln!(text, "                ({:?}, &{:?}),", plain(one.national_number().as_str()), one.possible_length())?;
    }
    writeln!(text, "            ] }},")
}

/// A pattern without the blanks that make it readable.
fn plain(pattern: &str) -> String {
    pattern.split_ascii_whitespace().collect()
}
