//! `boot`: how long the machine takes to start, from its own clocks and logs, on its
//! serial line, and across a restart.

mod here;
mod note;
mod options;
mod port;
mod ready;
mod restart;
mod session;
mod transcript;
mod watch;
mod watch_verdict;

use super::name::Name;
use super::outcome::{Error, Status};
use crate::commands::options::{commands, options};
use options::Watch;
use restart::Restart;
use std::io::Write;
use std::path::{Path, PathBuf};

options! {
    /// Time a start: this machine's last one, from its own clocks and logs, or with `watch`
    /// a board's on its serial line.
    ///
    /// Run it as root: otherwise the kernel's log and the timer are unreadable. A line that it
    /// writes to /dev/kmsg tells the log's clock.
    #[argh(
        subcommand,
        name = "boot",
        example = "sudo edgebench-lite boot --product k3s -o boot.ebl"
    )]
    pub(crate) struct Boot {
        /// what is being measured, such as k3s; its key processes are shown (default: those of
        /// the products that run)
        #[argh(option)]
        product: Option<Name>,

        /// log to append the results to, for compare; created if absent
        #[argh(option, short = 'o')]
        output: Option<PathBuf>,

        /// wait up to 60s until systemd starts the gettys: for a service that starts before
        /// them
        #[argh(switch)]
        wait: bool,

        #[argh(subcommand)]
        command: Option<Command> in Command,
    }
}

commands! {
    // There is one in a run of the program.
    #[allow(clippy::large_enum_variant)]
    enum Command {
        Watch(Watch),
        Restart(Restart),
    }
}

impl Boot {
    pub(crate) fn run(&self, proc_root: &Path, out: &mut dyn Write) -> Result<Status, Error> {
        let own = self.product.is_some() || self.output.is_some() || self.wait;
        match &self.command {
            Some(_) if own => Err(Error::usage(
                "boot: options of a command stand behind its name",
            )),
            Some(Command::Watch(asked)) => watch::watch(asked, proc_root, out),
            Some(Command::Restart(asked)) => asked.run(proc_root, out),
            None => {
                let asked = here::Asked {
                    product: self.product.as_ref(),
                    output: self.output.as_deref(),
                    wait: self.wait,
                };
                here::here(&asked, proc_root, out)
            }
        }
    }
}
