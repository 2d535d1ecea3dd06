//! Why something of a boot is not observable.

use super::tree;
use crate::system::errno::reason;
use nix::errno::Errno;
use nix::unistd::geteuid;
use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lack {
    /// Of a captured tree there is no more than its files.
    Captured,
    Tree(tree::Lack),
    /// What could not be done, and why.
    Os(&'static str, Errno),
    /// Counter and clock were never read quickly enough one after the other.
    Apart,
    /// So many of the kernel's first messages were overwritten.
    Overwritten(u64),
    /// The kernel does not say when it starts init.
    Unsaid,
    NoSystemd,
    /// systemctl failed, took too long, or said nothing of use.
    Systemctl,
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Captured => "a captured tree",
            Self::Tree(tree::Lack::Tree) => "there is no device tree",
            Self::Tree(tree::Lack::Timer) => "no Raspberry Pi: no BCM system timer",
            Self::Tree(tree::Lack::Address) => "the device tree gives the timer no address",
            Self::Os(what, errno) => {
                write!(f, "{what}: {}", reason(*errno))?;
                return match errno {
                    Errno::EPERM if geteuid().is_root() => {
                        write!(f, "; kernel lockdown, or a container")
                    }
                    Errno::EACCES | Errno::EPERM => write!(f, "; run as root"),
                    _ => Ok(()),
                };
            }
            Self::Apart => "the timer was never read within 50 us of the clock",
            Self::Overwritten(lost) => {
                return write!(f, "the kernel's log has lost its first {lost} messages");
            }
            Self::Unsaid => "the kernel's log has no `Run ... as init process`",
            Self::NoSystemd => "systemd does not run here",
            Self::Systemctl => "systemctl gave no answer within 5 s",
        };
        f.write_str(text)
    }
}
