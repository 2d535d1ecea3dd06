//! Memory and CPU by unit, slice, container or pod: every process in exactly one
//! row.

use super::{Process, ProcessMemory, Snapshot};
use crate::attribution::{place, CgroupKind};

/// The processes of one unit, slice, container or pod; KiB.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct GroupRow {
    pub(crate) name: Vec<u8>,
    /// `None` for kernel threads, and processes in no such group.
    pub(crate) cgroup: Option<Vec<u8>>,
    pub(crate) processes: u64,
    /// Those with unknown memory: not in `pss`.
    pub(crate) unreadable: u64,
    pub(crate) estimated: bool,
    pub(crate) pss: u64,
    /// From stat, for those with unknown memory.
    pub(crate) rss: u64,
    /// In [`Snapshot::interval_s`], USER_HZ.
    pub(crate) cpu_ticks: u64,
    /// The kernel's charge to the cgroup.
    pub(crate) charged: Option<u64>,
}

impl GroupRow {
    /// PSS, if it is known of any process.
    pub(crate) fn known_pss(&self) -> Option<u64> {
        (self.unreadable == 0 || self.unreadable < self.processes).then_some(self.pss)
    }

    fn add(&mut self, process: &Process) {
        self.processes += 1;
        self.cpu_ticks = self.cpu_ticks.saturating_add(process.cpu_ticks);
        match process.memory {
            ProcessMemory::Known(figures) => {
                self.estimated |= figures.estimated;
                self.pss = self.pss.saturating_add(figures.pss);
                self.rss = self.rss.saturating_add(figures.rss);
            }
            ProcessMemory::None => {}
            ProcessMemory::Denied | ProcessMemory::Failed | ProcessMemory::Unread => {
                self.unreadable += 1;
                self.rss = self.rss.saturating_add(process.stat_rss_kib);
            }
        }
    }

    fn join(&mut self, other: &Self) {
        self.processes = self.processes.saturating_add(other.processes);
        self.unreadable = self.unreadable.saturating_add(other.unreadable);
        self.estimated |= other.estimated;
        self.pss = self.pss.saturating_add(other.pss);
        self.rss = self.rss.saturating_add(other.rss);
        self.cpu_ticks = self.cpu_ticks.saturating_add(other.cpu_ticks);
    }
}

/// The groups by PSS, kernel threads last.
pub(crate) fn groups(moment: &Snapshot, by: CgroupKind) -> Vec<GroupRow> {
    let mut groups: Vec<GroupRow> = Vec::new();
    let mut kernel = GroupRow {
        name: b"kernel threads".to_vec(),
        ..GroupRow::default()
    };
    for process in &moment.processes {
        if process.kernel_thread {
            kernel.add(process);
            continue;
        }
        let (name, cgroup) = place(&process.cgroup).of(by, &process.cgroup);
        let mut known = groups.iter_mut();
        match known.find(|group| group.name[..] == name[..] && group.cgroup.as_deref() == cgroup) {
            Some(group) => group.add(process),
            None => {
                let mut group = GroupRow {
                    name,
                    cgroup: cgroup.map(<[u8]>::to_vec),
                    ..GroupRow::default()
                };
                group.add(process);
                groups.push(group);
            }
        }
    }
    groups.sort_by(|a, b| (b.pss, b.rss, &a.name).cmp(&(a.pss, a.rss, &b.name)));
    if kernel.processes > 0 {
        groups.push(kernel);
    }
    groups
}

/// The sum of all rows.
pub(crate) fn total(groups: &[GroupRow]) -> GroupRow {
    let mut total = GroupRow {
        name: b"total".to_vec(),
        ..GroupRow::default()
    };
    for group in groups {
        total.join(group);
    }
    total
}

#[cfg(test)]
mod tests {
    use super::super::MemoryFigures;
    use super::*;

    fn process(pid: u32, cgroup: &str, memory: ProcessMemory) -> Process {
        Process {
            pid,
            ppid: 1,
            starttime: 1,
            kernel_thread: false,
            comm: b"x".to_vec(),
            cmdline: Vec::new(),
            cgroup: cgroup.as_bytes().to_vec(),
            vsize_kib: 1000,
            stat_rss_kib: 50,
            cpu_ticks: u64::from(pid),
            memory,
        }
    }

    fn known(pss: u64, rss: u64) -> ProcessMemory {
        ProcessMemory::Known(MemoryFigures {
            pss,
            rss,
            ..MemoryFigures::default()
        })
    }

    #[test]
    fn every_process_is_in_one_row_and_rows_add_up() {
        let a = "/system.slice/a.service";
        let mut worker = process(7, "/", ProcessMemory::None);
        worker.kernel_thread = true;
        let moment = Snapshot {
            processes: vec![
                process(1, "/init.scope", known(10, 20)),
                process(2, a, known(100, 200)),
                process(3, &format!("{a}/sub"), known(30, 40)),
                process(4, a, ProcessMemory::Denied),
                process(5, "/system.slice/b.service", ProcessMemory::Denied),
                process(6, "/", ProcessMemory::None),
                worker,
            ],
            ..Snapshot::default()
        };
        let found = groups(&moment, CgroupKind::Unit);
        let told: Vec<_> = found
            .iter()
            .map(|g| {
                let name = String::from_utf8(g.name.clone()).unwrap();
                (name, g.processes, g.known_pss(), g.rss, g.cpu_ticks)
            })
            .collect();
        let row = |name: &str, n, pss, rss, cpu| (name.to_owned(), n, pss, rss, cpu);
        assert_eq!(
            told,
            [
                // 50 is what stat says of the one that may not be read.
                row("a.service", 3, Some(130), 290, 9),
                row("init.scope", 1, Some(10), 20, 1),
                row("b.service", 1, None, 50, 5),
                row("(in no unit)", 1, Some(0), 0, 6),
                row("kernel threads", 1, Some(0), 0, 7),
            ]
        );
        let total = total(&found);
        assert_eq!(
            (
                total.processes,
                total.pss,
                total.rss,
                total.cpu_ticks,
                total.unreadable
            ),
            (7, 140, 360, 28, 2)
        );
        assert_eq!(found[0].cgroup.as_deref(), Some(a.as_bytes()));
    }

    #[test]
    fn units_of_one_name_in_two_slices_stay_apart() {
        let moment = Snapshot {
            processes: vec![
                process(1, "/a.slice/x.service", known(1, 1)),
                process(2, "/b.slice/x.service", known(2, 2)),
            ],
            ..Snapshot::default()
        };
        assert_eq!(groups(&moment, CgroupKind::Unit).len(), 2);
        assert_eq!(groups(&moment, CgroupKind::Container).len(), 1);
    }
}
