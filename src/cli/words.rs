//! Words that a person types for a value of an enum, with what help says of each.

/// Lets a type be typed: `typed_words!(Type { Variant = "word": "help" })`. A variant without a word does not compile.
macro_rules! typed_words {
    ($type:ty { $($variant:ident = $word:literal $(: $help:literal)?,)+ }) => {
        impl clap::ValueEnum for $type {
            fn value_variants<'a>() -> &'a [Self] {
                &[$(Self::$variant),+]
            }

            fn to_possible_value(&self) -> Option<clap::builder::PossibleValue> {
                Some(match self { $(Self::$variant => clap::builder::PossibleValue::new($word)$(.help($help))?),+ })
            }
        }
    };
}

pub(super) use typed_words;
