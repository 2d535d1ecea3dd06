//! Texts that are kept in files of the repository.

use std::fs;
use std::path::Path;

/// Holds each text to the file of that name in `folder`, which is relative to the top
/// of the repository. Where the environment has `variable`, the files are written, and
/// the test fails: nobody has looked at them yet.
pub fn are_kept<N: AsRef<str>>(
    folder: &str,
    variable: &str,
    texts: impl IntoIterator<Item = (N, String)>,
) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let write = std::env::var_os(variable).is_some();
    for (name, text) in texts {
        let path = folder.join(name.as_ref());
        if write {
            fs::write(&path, text).unwrap_or_else(|err| panic!("{}: {err}", path.display()));
            continue;
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        let (line, different) = (1..)
            .zip(text.lines().zip(kept.lines()))
            .find(|(_, (made, kept))| made != kept)
            .map_or((0, None), |(line, pair)| (line, Some(pair)));
        assert!(
            text == kept,
            "{}:{line} is not what is made, {different:?}; {variable}=1 writes it",
            path.display()
        );
    }
    assert!(
        !write,
        "{} is written: look at the diff, and run this again without {variable}",
        folder.display()
    );
}
