//! Why the kernel does not tell of the processes that end.

use crate::log::fields::recorder::listening;

/// The reason, and the remedy; `None` where it tells, or was not asked.
pub(crate) fn lack(listens: u64) -> Option<&'static str> {
    Some(match listens {
        listening::ABSENT => "no taskstats: needs a kernel with CONFIG_TASKSTATS",
        listening::DENIED => {
            "taskstats needs CAP_NET_ADMIN, which root has, and AF_NETLINK, which a unit may refuse"
        }
        listening::CONTAINED => {
            "taskstats is not allowed in a container (PID or user namespace): record on the host"
        }
        listening::OLD => "taskstats does not tell threads from processes: needs Linux 5.19",
        listening::FAILED => "taskstats failed: try again, or record on another kernel",
        _ => return None,
    })
}
