//! The check digit that SIREN, SIRET, FINESS and RPPS share.

/// Whether the last of these digits is the check digit of the others; false when something in
/// `digits` is not one. It catches every single wrong digit.
///
/// Source: ISO/IEC 7812-1, annex B (Luhn's formula).
pub(super) fn luhn(digits: &str) -> bool {
    let weighted = digits
        .chars()
        .rev()
        .zip([1, 2].into_iter().cycle())
        .map(|(digit, weight)| {
            let product = digit.to_digit(10)?.saturating_mul(weight);
            Some(if product > 9 {
                product.saturating_sub(9)
            } else {
                product
            })
        });
    weighted
        .sum::<Option<u32>>()
        .is_some_and(|sum| sum.is_multiple_of(10))
}

#[cfg(test)]
mod laws {
    use proptest::prelude::*;

    use super::luhn;

    proptest! {
        #[test]
        fn exactly_one_last_digit_is_the_key(digits in "[0-9]{0,13}") {
            let keys = (0..10).filter(|key| luhn(&format!("{digits}{key}"))).count();

            prop_assert_eq!(keys, 1);
        }
    }

    #[test]
    fn what_is_not_a_digit_has_no_key() {
        assert!(!luhn("2A0000000"));
        assert!(luhn("79927398713"));
    }
}
