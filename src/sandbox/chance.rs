//! Seeded chance: a number from 0 to 1 for a name and some bytes, the same on every machine and in every order.
//!
//! The mixing step is the one of splitmix64 (Sebastiano Vigna, public domain).

/// One step of splitmix64: every bit of the input reaches every bit of the output.
pub(super) fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A fingerprint of the parts in this order, for this seed.
pub(super) fn fingerprint(seed: u64, parts: &[&[u8]]) -> u64 {
    let mut sum = mix(seed);
    for part in parts {
        sum = mix(sum ^ part.len() as u64);
        for chunk in part.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            sum = mix(sum ^ u64::from_le_bytes(word));
        }
    }
    sum
}

/// The fingerprint as a number in `[0, 1)`.
pub(super) fn fraction(fingerprint: u64) -> f64 {
    f64::from((fingerprint >> 32) as u32) / 4_294_967_296.0
}

/// What luck one request has: from the seed, the request's bytes, and how often they came before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Luck(u64);

impl Luck {
    /// The luck of these bytes at their `nth` coming.
    pub(super) fn of(bytes: u64, nth: u32) -> Self {
        Self(mix(bytes ^ mix(u64::from(nth))))
    }

    /// A number in `[0, 1)` for one question.
    pub(super) fn draw(self, question: &str) -> f64 {
        fraction(fingerprint(self.0, &[question.as_bytes()]))
    }

    /// One of the choices, each as likely as the others.
    pub(super) fn pick<T: Copy>(self, question: &str, choices: &[T]) -> T {
        let at = fingerprint(self.0, &[question.as_bytes()]) % choices.len() as u64;
        choices[usize::try_from(at).unwrap_or_default()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_even_and_reproducible() {
        let draws: Vec<f64> = (0..10_000).map(|nth| Luck::of(7, nth).draw("cut")).collect();
        let low = draws.iter().filter(|&&draw| draw < 0.1).count();
        assert!((900..1100).contains(&low), "{low} of 10000 are below 0.1");
        assert!(draws.iter().all(|draw| (0.0..1.0).contains(draw)));
        assert!(Luck::of(7, 3).draw("cut").to_bits() == draws[3].to_bits());
    }

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(fingerprint(0, &[b"ab", b"c"]), fingerprint(0, &[b"a", b"bc"]));
        assert_ne!(fingerprint(0, &[b"a"]), fingerprint(1, &[b"a"]));
    }
}
