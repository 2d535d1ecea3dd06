//! What is asked of the product, by the command line or by what is known of it.

use crate::commands::header::{clk_tck, page_size};
use crate::commands::name::Name;
use crate::commands::outcome::Error;
use crate::footprint::live::LiveReader;
use crate::footprint::rows::running;
use crate::proc::root::Root;
use crate::survive::checks::defaults::{self, Part};
use crate::survive::checks::Spec;
use crate::system::command::Command;

/// The checks, and how the product is restarted.
pub(super) struct Asked {
    pub(super) specs: Vec<Spec>,
    /// A shell command.
    pub(super) restart: Option<String>,
    /// Units whose journals may tell why it does not work.
    pub(super) units: Vec<String>,
}

impl Asked {
    /// # Errors
    /// Where there is neither a check nor a product whose checks are known.
    pub(super) fn of(
        given: &[Spec],
        restart: Option<&str>,
        product: Option<&Name>,
        part: Part,
        root: &Root,
    ) -> Result<Self, Error> {
        let profile = match product {
            Some(Name(name)) => name.clone(),
            None if given.is_empty() => only_running(root)?,
            None => String::new(),
        };
        let specs = match given {
            [] => defaults::of(&profile, part),
            given => given.to_vec(),
        };
        if specs.is_empty() {
            return Err(Error::new(
                "nothing to check: say what must hold with --check, or name a product whose checks \
                 are known (k3s, izuma) with --product",
            ));
        }
        let known = || defaults::restart(&profile, part).map(str::to_owned);
        let restart = restart.map(command).or_else(known);
        let units = specs
            .iter()
            .filter_map(Spec::unit)
            .map(str::to_owned)
            .collect();
        Ok(Self {
            specs,
            restart,
            units,
        })
    }
}

/// A unit is one word.
fn command(restart: &str) -> String {
    let is_unit = !restart.contains(|c: char| c.is_whitespace() || "/;&|<>$`'\"()".contains(c));
    match is_unit {
        true => format!("systemctl restart -- {restart}"),
        false => restart.to_owned(),
    }
}

/// The command that restarts the product. What it leaves running may write whenever it
/// wants: a pipe to this process would fill up, and break at its end.
///
/// # Errors
/// Those of [`Command::new`].
pub(super) fn restarting(line: &str) -> nix::Result<Command> {
    const UNHEARD: &str = "exec >/dev/null 2>&1; eval \"$1\"";
    Command::new(&["/bin/sh", "-c", UNHEARD, "restart", line])
}

/// The product that runs, where that is one.
fn only_running(root: &Root) -> Result<String, Error> {
    let mut reader = LiveReader::new(root, page_size(), clk_tck());
    let moment = reader
        .processes(true)
        .map_err(|error| Error::new(error.to_string()))?;
    let running = running(&moment.processes, Some(std::process::id()));
    Ok(match running[..] {
        [profile] => profile.name.to_owned(),
        _ => String::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::command::Exit;
    use std::time::Duration;

    #[test]
    fn a_unit_is_restarted_and_a_command_run() {
        assert_eq!(command("k3s"), "systemctl restart -- k3s");
        assert_eq!(
            command("getty@tty1.service"),
            "systemctl restart -- getty@tty1.service"
        );
        for line in [
            "/etc/init.d/k3s restart",
            "rc-service k3s restart",
            "reload&",
        ] {
            assert_eq!(command(line), line);
        }
    }

    #[test]
    fn what_it_leaves_writes_into_no_pipe() {
        let command = restarting("echo told; echo told >&2; exit 3").expect("a command");
        let mut told = Vec::new();
        let ended = command.run(Duration::from_secs(600), &mut |piece| {
            told.extend_from_slice(piece);
        });
        assert_eq!(ended.expect("it was started").exit, Exit::Status(3));
        assert_eq!(told, b"");
    }
}
