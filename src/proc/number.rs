//! Words that are numbers.

/// What is wrong with the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Not there, or cut in its middle by the end of the text.
    Missing,
    NotANumber,
    /// Does not fit the field's type, for most fields 64 bits.
    TooLarge,
}

/// A decimal number, nothing before or after it.
pub(crate) fn decimal(word: &[u8]) -> Result<u64, Reason> {
    if word.is_empty() {
        return Err(Reason::NotANumber);
    }
    let mut value = 0_u64;
    for &byte in word {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return Err(Reason::NotANumber);
        }
        value = value
            .checked_mul(10)
            .and_then(|tens| tens.checked_add(u64::from(digit)))
            .ok_or(Reason::TooLarge)?;
    }
    Ok(value)
}

/// A hexadecimal number, without `0x` before it.
pub(crate) fn hexadecimal(word: &[u8]) -> Result<u64, Reason> {
    if word.is_empty() || !word.iter().all(u8::is_ascii_hexdigit) {
        return Err(Reason::NotANumber);
    }
    let text = std::str::from_utf8(word).map_err(|_| Reason::NotANumber)?;
    u64::from_str_radix(text, 16).map_err(|_| Reason::TooLarge)
}

/// A number that the kernel prints with `%lu.%02lu`, in hundredths.
pub(crate) fn centi(word: &[u8]) -> Result<u64, Reason> {
    let [whole @ .., b'.', tens, units] = word else {
        return Err(Reason::NotANumber);
    };
    let fraction = decimal(&[*tens, *units])?;
    decimal(whole)?
        .checked_mul(100)
        .and_then(|value| value.checked_add(fraction))
        .ok_or(Reason::TooLarge)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_takes_64_bits_and_no_more() {
        assert_eq!(decimal(b"0"), Ok(0));
        assert_eq!(decimal(b"007"), Ok(7));
        assert_eq!(decimal(b"18446744073709551615"), Ok(u64::MAX));
        assert_eq!(decimal(b"18446744073709551616"), Err(Reason::TooLarge));
        assert_eq!(decimal(b"99999999999999999999"), Err(Reason::TooLarge));
        for word in [&b""[..], b"-1", b"+1", b"1.0", b"1k", b"\xff", b" 1"] {
            assert_eq!(decimal(word), Err(Reason::NotANumber), "{word:?}");
        }
    }

    #[test]
    fn hexadecimal_takes_64_bits_and_no_sign() {
        assert_eq!(hexadecimal(b"50005"), Ok(0x50005));
        assert_eq!(hexadecimal(b"ffffffffffffffff"), Ok(u64::MAX));
        assert_eq!(hexadecimal(b"1ffffffffffffffff"), Err(Reason::TooLarge));
        for word in [&b""[..], b"0x5", b"+5", b"-5", b"\xff", b"1 "] {
            assert_eq!(hexadecimal(word), Err(Reason::NotANumber), "{word:?}");
        }
    }

    #[test]
    fn centi_takes_two_decimals() {
        assert_eq!(centi(b"0.00"), Ok(0));
        assert_eq!(centi(b"12.05"), Ok(1205));
        assert_eq!(centi(b"184467440737095516.15"), Ok(u64::MAX));
        assert_eq!(centi(b"184467440737095516.16"), Err(Reason::TooLarge));
        assert_eq!(centi(b"184467440737095517.00"), Err(Reason::TooLarge));
        for word in [&b"1"[..], b"1.", b"1.0", b"1.000", b".10", b"1.x0", b"1.-1"] {
            assert_eq!(centi(word), Err(Reason::NotANumber), "{word:?}");
        }
    }
}
