//! How many columns of a terminal text takes, and text cut to them.

/// Where runs of characters that take two columns begin and end, one after the other
/// (East_Asian_Width W and F of Unicode 14, and what is not assigned between them).
const WIDE: [u32; 162] = [
    0x1100, 0x1160, 0x231a, 0x231c, 0x2329, 0x232b, 0x23e9, 0x23ed, 0x23f0, 0x23f1, 0x23f3, 0x23f4,
    0x25fd, 0x25ff, 0x2614, 0x2616, 0x2648, 0x2654, 0x267f, 0x2680, 0x2693, 0x2694, 0x26a1, 0x26a2,
    0x26aa, 0x26ac, 0x26bd, 0x26bf, 0x26c4, 0x26c6, 0x26ce, 0x26cf, 0x26d4, 0x26d5, 0x26ea, 0x26eb,
    0x26f2, 0x26f4, 0x26f5, 0x26f6, 0x26fa, 0x26fb, 0x26fd, 0x26fe, 0x2705, 0x2706, 0x270a, 0x270c,
    0x2728, 0x2729, 0x274c, 0x274d, 0x274e, 0x274f, 0x2753, 0x2756, 0x2757, 0x2758, 0x2795, 0x2798,
    0x27b0, 0x27b1, 0x27bf, 0x27c0, 0x2b1b, 0x2b1d, 0x2b50, 0x2b51, 0x2b55, 0x2b56, 0x2e80, 0x303f,
    0x3041, 0x3248, 0x3250, 0x4dc0, 0x4e00, 0xa4c7, 0xa960, 0xa97d, 0xac00, 0xd7a4, 0xf900, 0xfada,
    0xfe10, 0xfe1a, 0xfe30, 0xfe6c, 0xff01, 0xff61, 0xffe0, 0xffe7, 0x16fe0, 0x1b2fc, 0x1f004,
    0x1f005, 0x1f0cf, 0x1f0d0, 0x1f18e, 0x1f18f, 0x1f191, 0x1f19b, 0x1f200, 0x1f321, 0x1f32d,
    0x1f336, 0x1f337, 0x1f37d, 0x1f37e, 0x1f394, 0x1f3a0, 0x1f3cb, 0x1f3cf, 0x1f3d4, 0x1f3e0,
    0x1f3f1, 0x1f3f4, 0x1f3f5, 0x1f3f8, 0x1f43f, 0x1f440, 0x1f441, 0x1f442, 0x1f4fd, 0x1f4ff,
    0x1f53e, 0x1f54b, 0x1f54f, 0x1f550, 0x1f568, 0x1f57a, 0x1f57b, 0x1f595, 0x1f597, 0x1f5a4,
    0x1f5a5, 0x1f5fb, 0x1f650, 0x1f680, 0x1f6c6, 0x1f6cc, 0x1f6cd, 0x1f6d0, 0x1f6d3, 0x1f6d5,
    0x1f6e0, 0x1f6eb, 0x1f6ed, 0x1f6f4, 0x1f6fd, 0x1f7e0, 0x1f7f1, 0x1f90c, 0x1f93b, 0x1f93c,
    0x1f946, 0x1f947, 0x1fa00, 0x1fa70, 0x1faf7, 0x20000, 0x3fffe,
];

fn width(character: char) -> usize {
    let begun_or_ended = WIDE.partition_point(|bound| *bound <= character as u32);
    1 + begun_or_ended % 2
}

/// The columns of text in which nothing is invisible; see [`super::escaped`].
pub(crate) fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

/// Text in at most `width` columns; where it takes more, its end is `..`.
pub(crate) fn shortened(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut left = width.saturating_sub(2);
    let fits = |character: &char| {
        let of_it = self::width(*character);
        let fits = of_it <= left;
        left = left.saturating_sub(of_it);
        fits
    };
    let kept = text.chars().take_while(fits);
    kept.chain("..".chars()).collect()
}

/// The same of a name, with the `..` in its middle: names of versions and variants often
/// differ at their ends alone.
pub(crate) fn shortened_name(name: &str, width: usize) -> String {
    if columns(name) <= width {
        return name.to_owned();
    }
    let room = (width / 2).saturating_sub(1);
    let mut ends = name.char_indices().filter_map(|(at, _)| name.get(at..));
    let end = ends.find(|end| columns(end) <= room).unwrap_or_default();
    shortened(name, width.saturating_sub(room)) + end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_wide_characters_there_are_two() {
        for (text, expected) in [
            ("", 0),
            ("k3s-server", 10),
            ("Küche", 5),
            ("日本語", 6),
            ("한글", 4),
            ("ｆｕｌｌ", 8),
            ("ｶﾀｶﾅ", 4),
            ("a日b", 4),
            ("🚀", 2),
            ("\u{303f}", 1),
            ("\u{20000}\u{3fffd}", 4),
            ("─│°µ", 4),
        ] {
            assert_eq!(columns(text), expected, "{text}");
        }
        assert!(WIDE.windows(2).all(|two| two[0] < two[1]));
    }

    #[test]
    fn text_is_cut_at_a_column() {
        assert_eq!(shortened("日本語", 6), "日本語");
        assert_eq!(shortened("日本語", 5), "日..");
        assert_eq!(shortened("a日本語", 6), "a日..");
        assert_eq!(shortened("日本語", 4), "日..");
        assert_eq!(shortened("日本語", 3), "..");
        assert_eq!(shortened("abcdefg", 6), "abcd..");
    }

    #[test]
    fn of_a_name_both_ends_stay() {
        for (width, expected) in [
            (10, "abcdefghij"),
            (9, "abcd..hij"),
            (8, "abc..hij"),
            (2, ".."),
        ] {
            assert_eq!(shortened_name("abcdefghij", width), expected);
        }
        assert_eq!(shortened_name("日本語한글", 8), "日..글");
    }
}
