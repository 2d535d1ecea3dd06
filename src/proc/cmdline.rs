//! `/proc/PID/cmdline`, proc_pid_cmdline(5).

/// The arguments; none for a kernel thread or a zombie.
///
/// A process may have written over them: a title such as `nginx: worker
/// process` comes as one argument with blanks in it, and the rest of the old
/// arguments as a run of NULs. Trailing NULs are therefore all dropped, at the
/// price of empty arguments at the end.
pub fn args(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let end = text.iter().rposition(|&b| b != 0);
    let used = end.and_then(|end| text.get(..=end)).unwrap_or_default();
    let count = if used.is_empty() { 0 } else { usize::MAX };
    used.split(|&b| b == 0).take(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proc::hostile::{mangled, prefixes};
    use proptest::prelude::*;

    const SLEEP: &[u8] = include_bytes!("../../tests/captures/x86_64-6.18/proc/8005/cmdline");
    const TITLE: &[u8] = include_bytes!("../../tests/captures/x86_64-6.18/proc/8010/cmdline");
    const KTHREADD: &[u8] = include_bytes!("../../tests/captures/x86_64-6.18/proc/2/cmdline");
    const OLD: &[u8] = include_bytes!("../../tests/captures/handmade-4.9/proc/812/cmdline");

    fn all(text: &[u8]) -> Vec<&[u8]> {
        args(text).collect()
    }

    #[test]
    fn arguments_end_in_nul() {
        assert_eq!(all(SLEEP), [&b"/bin/sleep"[..], b"100000"]);
        assert_eq!(
            all(OLD),
            [
                &b"/opt/edge/edge-core"[..],
                b"--config",
                b"/etc/edge core.conf"
            ]
        );
    }

    #[test]
    fn kernel_thread_has_none() {
        assert!(all(KTHREADD).is_empty());
        assert!(all(b"\0\0\0").is_empty());
    }

    #[test]
    fn titles() {
        assert_eq!(all(TITLE), [&b"worker: idle"[..], b"100002"]);
        assert_eq!(all(b"nginx: worker process"), [b"nginx: worker process"]);
        assert_eq!(all(b"nginx: master\0\0\0\0\0"), [b"nginx: master"]);
    }

    #[test]
    fn empty_arguments_inside_stay() {
        assert_eq!(all(b"a\0\0b\0"), [&b"a"[..], b"", b"b"]);
        assert_eq!(all(b"\0b\0"), [&b""[..], b"b"]);
    }

    #[test]
    fn cut_text_gives_what_is_there() {
        for cut in prefixes(SLEEP) {
            let whole: Vec<u8> = all(cut).join(&0);
            assert!(cut.starts_with(&whole));
        }
    }

    proptest! {
        #[test]
        fn hostile_bytes_never_panic(text in mangled(OLD)) {
            prop_assert!(args(&text).count() <= text.len());
        }
    }
}
