//! How many columns of a terminal text takes, and text cut to them.

/// Characters that take two columns (East_Asian_Width W and F of Unicode 14, and what
/// is not assigned between them), from the first to the last.
const WIDE: [(u32, u32); 81] = [
    (0x1100, 0x115f),
    (0x231a, 0x231b),
    (0x2329, 0x232a),
    (0x23e9, 0x23ec),
    (0x23f0, 0x23f0),
    (0x23f3, 0x23f3),
    (0x25fd, 0x25fe),
    (0x2614, 0x2615),
    (0x2648, 0x2653),
    (0x267f, 0x267f),
    (0x2693, 0x2693),
    (0x26a1, 0x26a1),
    (0x26aa, 0x26ab),
    (0x26bd, 0x26be),
    (0x26c4, 0x26c5),
    (0x26ce, 0x26ce),
    (0x26d4, 0x26d4),
    (0x26ea, 0x26ea),
    (0x26f2, 0x26f3),
    (0x26f5, 0x26f5),
    (0x26fa, 0x26fa),
    (0x26fd, 0x26fd),
    (0x2705, 0x2705),
    (0x270a, 0x270b),
    (0x2728, 0x2728),
    (0x274c, 0x274c),
    (0x274e, 0x274e),
    (0x2753, 0x2755),
    (0x2757, 0x2757),
    (0x2795, 0x2797),
    (0x27b0, 0x27b0),
    (0x27bf, 0x27bf),
    (0x2b1b, 0x2b1c),
    (0x2b50, 0x2b50),
    (0x2b55, 0x2b55),
    (0x2e80, 0x303e),
    (0x3041, 0x3247),
    (0x3250, 0x4dbf),
    (0x4e00, 0xa4c6),
    (0xa960, 0xa97c),
    (0xac00, 0xd7a3),
    (0xf900, 0xfad9),
    (0xfe10, 0xfe19),
    (0xfe30, 0xfe6b),
    (0xff01, 0xff60),
    (0xffe0, 0xffe6),
    (0x16fe0, 0x1b2fb),
    (0x1f004, 0x1f004),
    (0x1f0cf, 0x1f0cf),
    (0x1f18e, 0x1f18e),
    (0x1f191, 0x1f19a),
    (0x1f200, 0x1f320),
    (0x1f32d, 0x1f335),
    (0x1f337, 0x1f37c),
    (0x1f37e, 0x1f393),
    (0x1f3a0, 0x1f3ca),
    (0x1f3cf, 0x1f3d3),
    (0x1f3e0, 0x1f3f0),
    (0x1f3f4, 0x1f3f4),
    (0x1f3f8, 0x1f43e),
    (0x1f440, 0x1f440),
    (0x1f442, 0x1f4fc),
    (0x1f4ff, 0x1f53d),
    (0x1f54b, 0x1f54e),
    (0x1f550, 0x1f567),
    (0x1f57a, 0x1f57a),
    (0x1f595, 0x1f596),
    (0x1f5a4, 0x1f5a4),
    (0x1f5fb, 0x1f64f),
    (0x1f680, 0x1f6c5),
    (0x1f6cc, 0x1f6cc),
    (0x1f6d0, 0x1f6d2),
    (0x1f6d5, 0x1f6df),
    (0x1f6eb, 0x1f6ec),
    (0x1f6f4, 0x1f6fc),
    (0x1f7e0, 0x1f7f0),
    (0x1f90c, 0x1f93a),
    (0x1f93c, 0x1f945),
    (0x1f947, 0x1f9ff),
    (0x1fa70, 0x1faf6),
    (0x20000, 0x3fffd),
];

fn width(character: char) -> usize {
    let code = character as u32;
    let after = WIDE.partition_point(|(_, last)| *last < code);
    match WIDE.get(after) {
        Some((first, _)) if *first <= code => 2,
        _ => 1,
    }
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
        let ordered = WIDE.windows(2).all(|two| two[0].1 < two[1].0);
        assert!(ordered && WIDE.iter().all(|(first, last)| first <= last));
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
}
