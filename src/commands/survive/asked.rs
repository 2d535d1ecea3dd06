//! What is asked of the product, by the command line or by what is known of it.

use crate::commands::header::{clk_tck, page_size};
use crate::commands::name::Name;
use crate::commands::outcome::Error;
use crate::footprint::live::LiveReader;
use crate::footprint::rows::running;
use crate::proc::root::Root;
use crate::survive::checks::defaults::{self, Part};
use crate::survive::checks::Spec;

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
    use super::command;

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
}
