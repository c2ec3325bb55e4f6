//! Where the post is sorted.

use super::ValueError;
use super::text::{digits, text_value};

text_value! {
    /// A French postcode: 5 digits, as text (`06000`). Spaces are accepted and removed. It names
    /// no commune: several share one, and some have several.
    pub struct Postcode = postcode; example "30100", pattern "^[0-9]{5}$", max 5
}

fn postcode(given: &str) -> Result<String, ValueError> {
    digits(given, 5)
}

#[cfg(test)]
mod laws {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_printed_reads_back_the_same(text in "[0-9]{2} ?[0-9]{3}") {
            let postcode = Postcode::parse(&text).unwrap();

            prop_assert_eq!(Postcode::parse(postcode.as_str()), Ok(postcode));
        }
    }

    #[test]
    fn a_leading_zero_stays_and_a_letter_is_refused() {
        assert_eq!(Postcode::parse("06 000").unwrap().as_str(), "06000");
        for text in ["", "6000", "2A004", "301000"] {
            let expected = "99999".to_owned();
            assert_eq!(
                Postcode::parse(text),
                Err(ValueError::Format { expected }),
                "{text}"
            );
        }
    }
}
