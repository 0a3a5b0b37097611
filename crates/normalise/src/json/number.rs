/// The integer that a JSON number is exactly: `2880`, `2880.0` and `2.88e3` are the same.
pub(crate) fn exact_integer(number: &str) -> Option<i64> {
    if let Ok(integer) = number.parse() {
        return Some(integer);
    }
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits.as_str()), |digits| ("-", digits));
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() {
        return Some(0);
    }
    let shift = exponent.parse::<i64>().ok()?.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    let trimmed = significant.trim_end_matches('0');
    let zeros = i64::try_from(significant.len() - trimmed.len()).ok()?.checked_add(shift)?;
    let zeros = usize::try_from(zeros).ok().filter(|zeros| *zeros <= 19)?;
    format!("{sign}{trimmed}{}", "0".repeat(zeros)).parse().ok()
}

/// Returns whether a text is a JSON number and nothing else.
pub(crate) fn is_number(text: &str) -> bool {
    let ends_in_number = text.bytes().last().is_some_and(|byte| byte.is_ascii_digit());
    text.starts_with(|first: char| first == '-' || first.is_ascii_digit())
        && ends_in_number
        && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_is_read_exactly_or_not_at_all() {
        for (text, want) in [
            ("2880", Some(2880)),
            ("2880.0", Some(2880)),
            ("2.88e3", Some(2880)),
            ("288000E-2", Some(2880)),
            ("-0", Some(0)),
            ("0e99999999999999999999", Some(0)),
            ("-9223372036854775808.00", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("1e19", None),
            ("1e999999999999999999999", None),
            ("0.5", None),
            ("28805e-1", None),
        ] {
            assert_eq!(exact_integer(text), want, "{text}");
        }
    }

    #[test]
    fn only_a_json_number_is_a_number() {
        assert!(["0", "-1.5e+3", "10"].into_iter().all(is_number));
        assert!(
            ["", "007", "+1", " 1", "1 ", "1.", "0x10", "NaN", "[1", "true"]
                .into_iter()
                .all(|text| !is_number(text))
        );
    }
}
