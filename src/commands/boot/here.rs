//! `boot`: what this machine tells of its own start.

use crate::boot::board::{Board, Since};
use crate::boot::prompt::Prompt;
use crate::boot::systemd::Marks;
use crate::boot::tree::Start;
use crate::boot::wait::{comm, pids, sleep, Processes, Sleep, Wait};
use crate::commands::header::{clk_tck, page_size};
use crate::commands::name::Name;
use crate::commands::outcome::{open_root, Error, Status};
use crate::commands::style::of_output;
use crate::commands::unsampled_run::UnsampledRun;
use crate::footprint::live::LiveReader;
use crate::proc::root::Root;
use crate::products::Definition;
use crate::render::boot::{self as render, seconds};
use crate::render::escaped;
use crate::results::{Kind, Measurement};
use crate::system::clock::boottime_ns;
use crate::system::directory::Directory;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

/// Between two looks at the gettys, and how long these are looked at.
const LOOK: Duration = Duration::from_millis(20);
const PATIENCE_US: u64 = 60_000_000;

/// What is asked for.
pub(super) struct Asked<'a> {
    pub(super) product: Option<&'a Name>,
    pub(super) output: Option<&'a Path>,
    pub(super) wait: bool,
}

pub(super) fn here(
    asked: &Asked<'_>,
    proc_root: &Path,
    out: &mut dyn Write,
) -> Result<Status, Error> {
    let root = open_root(proc_root)?;
    let mut log = UnsampledRun::of_results(asked.output, asked.product, &root)?;
    let result = result_of(&look(&root, asked.product, asked.wait)?);
    render::board(out, &result, of_output(false).width).map_err(Error::output)?;
    log.add_result(result)?;
    log.end()?;
    Ok(Status::Yes)
}

/// What the machine tells, once its gettys run.
pub(super) fn look(root: &Root, product: Option<&Name>, waits: bool) -> Result<Board, Error> {
    let waited = match waits && root.is_live() {
        true => wait(root)?,
        false => Wait::default(),
    };
    let mut reader = LiveReader::new(root, page_size(), clk_tck());
    let moment = reader.processes(true);
    let moment = moment.map_err(|error| Error::new(error.to_string()))?;
    let definition = product.map(|Name(name)| Definition::of_name(name));
    let mut board = Board::look(root, &moment, &definition.unwrap_or_default());
    if let Prompt::Between {
        pid,
        from_us,
        to_us,
        ..
    } = &mut board.prompt
    {
        if let Some(begun) = waited.begun(*pid) {
            (*from_us, *to_us) = (begun.from_us, begun.to_us);
        }
    }
    Ok(board)
}

fn wait(root: &Root) -> Result<Wait, Error> {
    let failed = |errno: nix::Error| Error::cannot("read /proc", errno);
    let mut dir = Directory::new(root.list_proc().map_err(failed)?);
    let mut wait = Wait::default();
    let start_us = boottime_ns() / 1000;
    loop {
        let now_us = boottime_ns() / 1000;
        let is_over = wait.look(now_us, &pids(&mut dir), &mut Live(root));
        if is_over || now_us.saturating_sub(start_us) > PATIENCE_US {
            return Ok(wait);
        }
        std::thread::sleep(LOOK);
    }
}

struct Live<'r>(&'r Root);

impl Processes for Live<'_> {
    fn comm(&mut self, pid: u32) -> Option<Vec<u8>> {
        comm(self.0, pid)
    }

    fn sleep(&mut self, pid: u32) -> Option<Sleep> {
        sleep(self.0, pid)
    }
}

fn result_of(board: &Board) -> Measurement {
    let mut result = Measurement::of(match board.start {
        Some(Start::Restart) => Kind::BootRestart,
        Some(Start::PowerOn) | None => Kind::BootCold,
    });
    match total(board) {
        Ok((value_us, source)) => {
            (result.value, result.source) = (Some(value_us), source.to_owned())
        }
        Err(why) => result.reason = why,
    }
    match &board.before_kernel_us {
        Ok(us) => result.mark(
            render::FIRMWARE,
            Some(*us),
            "BCM system timer minus CLOCK_BOOTTIME",
        ),
        Err(lack) => result.mark(render::FIRMWARE, None, lack.to_string()),
    }
    init(board, &mut result);
    systemd(board, &mut result);
    for key in &board.keys {
        let label = &key.label;
        let note = match key.since {
            Since::Boot => "oldest instance".to_owned(),
            Since::Restarted(1) => "its unit was restarted once since the boot".to_owned(),
            Since::Restarted(n) => format!("its unit was restarted {n} times since the boot"),
            Since::Later => "started after the boot had finished".to_owned(),
        };
        match key.oldest {
            Some((pid, at_us)) => result.mark(label, Some(at_us), format!("{note} (pid {pid})")),
            None => result.mark(label, None, "does not run"),
        }
    }
    prompt(board, &mut result);
    result
}

/// From power-on to the prompt, at least, and where that comes from; or why it is not
/// known.
fn total(board: &Board) -> Result<(u64, &'static str), String> {
    let Prompt::Between { from_us, .. } = &board.prompt else {
        return Err("the login prompt is not known".to_owned());
    };
    match (&board.start, &board.before_kernel_us) {
        (Some(Start::PowerOn), Ok(before_us)) => Ok((
            before_us.saturating_add(*from_us),
            "lower bound: system timer, and the start of the getty",
        )),
        (Some(Start::PowerOn), Err(lack)) => Err(format!("time before the kernel: {lack}")),
        (Some(Start::Restart), _) => Err("this was a restart: `boot restart` times one".to_owned()),
        (None, _) => Err("the device tree does not say whether this was a power-on".to_owned()),
    }
}

fn init(board: &Board, result: &mut Measurement) {
    let init = match &board.init {
        Ok(init) => init,
        Err(lack) => return result.mark("init", None, lack.to_string()),
    };
    let program = escaped(&init.program);
    let note = match &init.offset_us {
        Ok(_) => format!("the kernel's log: Run {program} as init process"),
        Err(lack) => format!(
            "the kernel's log says {} by a clock of its own ({lack})",
            seconds(init.stamp_us)
        ),
    };
    result.mark("init", init.at_us(), note);
}

fn systemd(board: &Board, result: &mut Measurement) {
    type Of = fn(&Marks) -> Option<u64>;
    let marks: [(&str, Of, &str); 3] = [
        ("initrd", |marks| marks.initrd_us, "there is none"),
        (
            "userspace",
            |marks| marks.userspace_us,
            "systemd does not say",
        ),
        ("finished", |marks| marks.finish_us, "not yet"),
    ];
    for (label, of, otherwise) in marks {
        match board.systemd.as_ref().map(of) {
            Ok(Some(us)) => result.mark(label, Some(us), "systemctl show"),
            Ok(None) => result.mark(label, None, otherwise),
            Err(lack) => result.mark(label, None, lack.to_string()),
        }
    }
}

fn prompt(board: &Board, result: &mut Measurement) {
    let (value_us, note) = match &board.prompt {
        Prompt::Between {
            tty,
            from_us,
            to_us,
            ..
        } => (
            Some(*from_us),
            format!(
                "{}, between {} and {}{}",
                escaped(tty.as_bytes()),
                seconds(*from_us),
                seconds(*to_us),
                // Only systemd tells when the boot was over.
                if board.systemd.is_err() {
                    ", if not after a logout"
                } else {
                    ""
                }
            ),
        ),
        Prompt::Awaited { tty } => (
            None,
            format!("{tty}: systemd still holds the getty back; see --wait"),
        ),
        Prompt::Again { tty, from_us } => (
            None,
            format!(
                "{tty}: this getty began at {}, after a logout",
                seconds(*from_us)
            ),
        ),
        Prompt::Autologin { tty } => (None, format!("{tty}: autologin: there is no prompt")),
        Prompt::None => (None, "no getty and no login runs".to_owned()),
    };
    result.mark(render::PROMPT, value_us, note);
}
