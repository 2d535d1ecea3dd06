//! `boot watch`: a stopwatch on the board's serial line, run on a host.

use super::options::Watch;
use super::port::Line;
use super::session::{Run, Session, BUFFER};
use super::transcript::Transcript;
use super::watch_verdict::{result_of, WatchVerdict};
use crate::commands::outcome::{complain, open_root, shown, Error, Status};
use crate::commands::unsampled_run::UnsampledRun;
use crate::proc::root::read_file;
use crate::render::boot as render;
use crate::system::signals::EndSignals;
use crate::system::terminal;
use std::io::Write;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;

pub(super) fn watch(asked: &Watch, proc_root: &Path, out: &mut dyn Write) -> Result<Status, Error> {
    asked.check()?;
    let root = open_root(proc_root)?;
    let failed = |errno| Error::cannot("wait for signals", errno);
    let ending = EndSignals::block().map_err(failed)?;
    let signals = ending.descriptor().map_err(failed)?;
    let password = password(asked, signals.as_fd())?;
    let mut log = UnsampledRun::of_results(asked.output.as_deref(), asked.product.as_ref(), &root)?;
    let mut session = Session {
        asked,
        line: Line::open(&asked.tty, asked.baud.0)?,
        ending: &ending,
        signals,
        transcript: asked
            .transcript
            .as_deref()
            .map(Transcript::create)
            .transpose()?,
        password,
        buffer: Box::new([0; BUFFER]),
        last_byte_ns: None,
    };
    let mut totals = Vec::new();
    let status = watch_all(asked, &mut session, &mut log, &mut totals, out);
    // Whatever has ended it, what was measured before that counts.
    let told = match asked.runs > 1 {
        true => render::totals(out, &totals).map_err(Error::output),
        false => Ok(()),
    };
    log.end()?;
    status.and_then(|status| told.map(|()| status))
}

fn watch_all(
    asked: &Watch,
    session: &mut Session<'_>,
    log: &mut UnsampledRun,
    totals: &mut Vec<f64>,
    out: &mut dyn Write,
) -> Result<Status, Error> {
    let mut status = Status::Yes;
    for number in 1..=asked.runs {
        let Some(run) = session.run()? else {
            complain("ended by a signal");
            status = Status::Partly;
            break;
        };
        let (result, verdict) = result_of(asked, &run);
        if let Some(why) = failure(asked, &run, verdict) {
            complain(&why);
            status = match verdict {
                WatchVerdict::NoPrompt => Status::No,
                _ => Status::Partly,
            };
            if verdict != WatchVerdict::Spoilt {
                break;
            }
        }
        totals.extend(result.value.map(|us| us as f64 / 1e6));
        render::run(out, number, &result).map_err(Error::output)?;
        out.flush().map_err(Error::output)?;
        log.add_result(result)?;
    }
    Ok(status)
}

fn password(asked: &Watch, signals: BorrowedFd<'_>) -> Result<Option<String>, Error> {
    if let Some(path) = &asked.password_file {
        let mut buffer = [0; 256];
        let text = read_file(path, &mut buffer)
            .map_err(|errno| Error::cannot(&format!("read {}", shown(path)), errno))?;
        let text = String::from_utf8_lossy(text);
        return Ok(text.lines().next().map(str::to_owned));
    }
    if asked.login.is_none() {
        return Ok(None);
    }
    complain("the user's password on the board (empty: none):");
    let line = terminal::hidden_line(signals);
    let line = line.map_err(|errno| Error::cannot("read the password", errno))?;
    Ok(line.filter(|line| !line.is_empty()))
}

/// What stderr is told of a run that is no result.
fn failure(asked: &Watch, run: &Run, verdict: WatchVerdict) -> Option<String> {
    let tty = shown(&asked.tty);
    let seconds = asked.timeout.0.as_secs();
    let lines = || render::last_lines(&run.last_lines);
    match verdict {
        WatchVerdict::Timed => None,
        WatchVerdict::Spoilt => run.spoilt.clone(),
        WatchVerdict::Silent => Some(format!(
            "{tty}: nothing came within {seconds} s; is the board's console on this line?"
        )),
        WatchVerdict::Garbage(percent) => Some(format!(
            "{tty}: {percent} % of the bytes are not text; is --baud right?"
        )),
        WatchVerdict::NoPrompt => {
            let since_ns = run.start.map_or(0, |start| start.from_ns);
            let restarted = run.milestones.restarted_ns(since_ns);
            let what = match asked.restart.is_some() && restarted.is_none() {
                true => "the board has not restarted",
                false => "no prompt",
            };
            Some(format!(
                "{tty}: {what} within {seconds} s; the last lines: {}",
                lines()
            ))
        }
    }
}
