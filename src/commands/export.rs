//! Output formats: `--format`, and `--export FILE`, which writes a file in the format of
//! its suffix.

use super::outcome::{complain, shown, tell, Error, Status};
use crate::system::errno::why;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The formats besides text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Markdown,
    Json,
    Csv,
    Html,
    Svg,
}

/// The formats of a command, by suffix.
pub(crate) trait Forms: Copy + 'static {
    const ALL: &'static [(&'static str, Self)];

    fn of_suffix(suffix: &str) -> Option<Self> {
        let known = |(name, _): &&(&str, Self)| name.eq_ignore_ascii_case(suffix);
        Self::ALL.iter().find(known).map(|(_, form)| *form)
    }
}

impl Forms for Form {
    const ALL: &'static [(&'static str, Self)] = &[
        ("md", Self::Markdown),
        ("json", Self::Json),
        ("csv", Self::Csv),
        ("html", Self::Html),
        ("svg", Self::Svg),
    ];
}

/// The format to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format<F> {
    Text,
    As(F),
}

impl<F: Forms> FromStr for Format<F> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let form = match text {
            "text" => return Ok(Self::Text),
            "markdown" => F::of_suffix("md"),
            other => F::of_suffix(other),
        };
        form.map(Self::As).ok_or_else(|| {
            let known = F::ALL.iter().map(|(name, _)| match *name {
                "md" => "markdown",
                name => name,
            });
            let known: Vec<_> = known.collect();
            format!("`{text}` is none of text, {}", known.join(", "))
        })
    }
}

/// A file to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Export<F> {
    pub(crate) form: F,
    path: PathBuf,
}

impl<F: Forms> FromStr for Export<F> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let path = PathBuf::from(text);
        let suffix = path.extension().and_then(OsStr::to_str);
        match suffix.and_then(F::of_suffix) {
            Some(form) => Ok(Self { form, path }),
            None => {
                let known: Vec<_> = F::ALL.iter().map(|(name, _)| *name).collect();
                Err(format!(
                    "unknown export type `{text}`; use .{}",
                    known.join(", .")
                ))
            }
        }
    }
}

/// # Errors
/// If a file is named twice, one would overwrite the other; one that is `read` is not
/// overwritten either.
pub(crate) fn check<F>(
    command: &str,
    exports: &[Export<F>],
    read: &[&[PathBuf]],
) -> Result<(), Error> {
    for (at, Export { path, .. }) in exports.iter().enumerate() {
        let about = |path: &PathBuf| fs::metadata(path).map(|of| (of.dev(), of.ino())).ok();
        let is_it = |other: &PathBuf| about(other).is_some_and(|it| about(path) == Some(it));
        let why = match () {
            () if exports[..at].iter().any(|other| other.path == *path) => "twice",
            () if read.iter().copied().flatten().any(is_it) => "would replace what is read",
            () => continue,
        };
        let path = shown(path);
        return Err(Error::usage(format!("{command}: --export {path} {why}")));
    }
    Ok(())
}

/// Writes all files with `fill`. One that fails is reported, and the others are still
/// written.
pub(crate) fn write<F: Copy>(
    exports: &[Export<F>],
    mut fill: impl FnMut(F, &mut dyn Write) -> io::Result<()>,
) -> Status {
    let mut status = Status::Yes;
    for Export { form, path } in exports {
        match replace(path, |out| fill(*form, out)) {
            Ok(()) => tell(&format!("wrote {}", shown(path))),
            Err(error) => {
                complain(&format!("cannot write {}: {}", shown(path), why(&error)));
                status = Status::Partly;
            }
        }
    }
    status
}

/// Replaces the whole file or, on any failure, nothing.
fn replace(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    // Replaces a link's target, not the link.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let draft = path.with_file_name(format!(".edgebench-{}.tmp", std::process::id()));
    // Left over from a killed process with the same id.
    let _ = fs::remove_file(&draft);
    let done = fresh(&draft, fill).and_then(|()| fs::rename(&draft, &path));
    if done.is_ok() {
        // On FAT the new name has no length before that.
        let _ = File::open(&path).and_then(|file| file.sync_all());
    }
    if done.is_err() {
        let _ = fs::remove_file(&draft);
    }
    done
}

fn fresh(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let file = File::options().write(true).create_new(true).open(path)?;
    let mut out = BufWriter::new(file);
    fill(&mut out)?;
    out.flush()?;
    // Without this, a power loss may leave an empty file under the new name.
    out.get_ref().sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_suffix_says_the_form() {
        let form = |text: &str| text.parse::<Export<Form>>().map(|export| export.form);
        assert_eq!(form("a/b.html"), Ok(Form::Html));
        assert_eq!(form("b.tar.CSV"), Ok(Form::Csv));
        assert_eq!(form("./x.md"), Ok(Form::Markdown));
        for wrong in ["", "html", ".html", "a.htm", "a/b.svg/c", "a.", "a.html/.."] {
            assert_eq!(
                form(wrong),
                Err(format!(
                    "unknown export type `{wrong}`; use .md, .json, .csv, .html, .svg"
                ))
            );
        }
    }

    #[test]
    fn what_is_printed_has_a_name() {
        let format = |text: &str| text.parse::<Format<Form>>();
        assert_eq!(format("text"), Ok(Format::Text));
        assert_eq!(format("markdown"), format("md"));
        assert_eq!(format("svg"), Ok(Format::As(Form::Svg)));
        assert_eq!(
            format("pdf"),
            Err("`pdf` is none of text, markdown, json, csv, html, svg".to_owned())
        );
    }

    #[test]
    fn a_file_cannot_be_two_things() {
        let exports = ["a.md", "a.csv", "a.md"].map(|text| text.parse::<Export<Form>>().unwrap());
        assert!(check("report", &exports[..2], &[]).is_ok());
        match check("report", &exports, &[]) {
            Err(Error::Usage(message)) => {
                assert!(message.starts_with("report: --export a.md twice"));
            }
            other => panic!("{other:?}"),
        }
    }
}
