//! `survive`: whether a product lives through a change of its network.

mod asked;
mod course;
mod firewall;
mod ip_change;
mod judgement;
mod options;
mod prospect;
mod undo;

use super::outcome::{open_root, Error, Status};
use crate::commands::options::{commands, options};
use firewall::Firewall;
use options::IpChange;
use std::io::Write;
use std::path::Path;

options! {
    /// Change the network under a running product, see whether it goes on working, and put
    /// everything back; or see whether it works behind this machine's firewall.
    #[argh(
        subcommand,
        name = "survive",
        example = "edgebench-lite survive firewall --peer 203.0.113.7 --role agent --product k3s"
    )]
    pub(crate) struct Survive {
        #[argh(subcommand)]
        command: Command in Command,
    }
}

commands! {
    enum Command {
        IpChange(IpChange),
        Firewall(Firewall),
    }
}

impl Survive {
    pub(crate) fn run(&self, proc_root: &Path, out: &mut dyn Write) -> Result<Status, Error> {
        match &self.command {
            Command::IpChange(asked) => asked.run(proc_root, out),
            Command::Firewall(asked) => asked.run(proc_root, out),
        }
    }

    /// # Errors
    /// What `run` refuses whatever the network is.
    pub(crate) fn understood(&self, proc_root: &Path) -> Result<(), Error> {
        let root = open_root(proc_root)?;
        match &self.command {
            Command::IpChange(asked) => asked.understood(&root),
            Command::Firewall(asked) => asked.understood(&root),
        }
    }
}
