//! Texts of the kernel and of programs: the first byte says which parser reads the rest.

use super::Bytes;
use crate::bench::journal;
use crate::boot::{kmsg, note, systemd};
use crate::footprint::edge_info;
use crate::log::fields::Values;
use crate::proc::{
    attribute, capabilities, cgroup, cgroups, diskstats, loadavg, meminfo, mountinfo, mounts,
    net_dev, pid_stat, pressure, release, schedstat, stat, statm, vmstat, zram,
};

/// The files of `/proc` and `/sys`.
pub(super) fn proc(input: &[u8]) {
    let mut input = Bytes(input);
    let which = input.byte();
    let text = input.0;
    let mut values: Values = [0; crate::log::fields::GROUP_FIELDS];
    match which {
        0 => drop(statm::parse(text)),
        1 => drop(loadavg::parse(text, &mut values)),
        2 => drop(meminfo::parse(text, &mut values)),
        3 => {
            let _ = pid_stat::parse(text).map(|stat| stat.is_kernel_thread());
            pid_stat::pid(text);
        }
        4 => again(text, &mut values),
        5 => drop(pressure::parse(text)),
        6 => drop(zram::parse(text)),
        7 => drop(schedstat::run_time_ns(text)),
        8 => drop(net_dev::interfaces(text, |name, _| {
            assert!(name.len() <= text.len());
        })),
        9 => drop(diskstats::disks(text, |name, _| {
            assert!(name.len() <= text.len());
        })),
        10 => {
            cgroup::of(text);
            for membership in cgroup::memberships(text) {
                membership.has(b"memory");
            }
        }
        11 => {
            cgroups::enabled(text, b"memory");
            cgroups::is_listed(text, b"memory");
        }
        12 => assert!(mountinfo::hierarchies(text).count() <= text.len()),
        13 => {
            mounts::hidepid(text);
            mounts::has_processes_only(text);
            for mount in mounts::all(text) {
                mounts::option(mount.options, b"size");
            }
        }
        14 => drop(release::under_reports_smaps_rollup(text)),
        15 => drop(capabilities::effective(text)),
        16 => drop(attribute::number(text)),
        17 => drop(attribute::signed(text)),
        18 => drop(attribute::hexadecimal(text)),
        19 => drop(attribute::numbers(text, |_| {})),
        20 => drop(attribute::ranges(text, 256, |core| assert!(core < 256))),
        _ => pieces(which, text),
    }
}

/// The part that `vmstat` says is of use gives what the whole gives.
fn again(text: &[u8], values: &mut Values) {
    let Ok(extent) = vmstat::parse(text, values) else {
        return;
    };
    let part = text.get(extent.begin..extent.end).expect("it lies in it");
    let mut of_part: Values = [0; crate::log::fields::GROUP_FIELDS];
    if !part.is_empty() {
        let _ = vmstat::parse(part, &mut of_part);
        assert_eq!(*values, of_part);
    }
}

/// `/proc/stat` in pieces as wide as its longest line gives what it gives as a whole.
fn pieces(seed: u8, text: &[u8]) {
    let cores = |width: usize| {
        let (mut cores, mut reader) = (Vec::new(), stat::Reader::default());
        let (mut buffer, mut rest) = (Vec::new(), text);
        while !rest.is_empty() {
            let (next, behind) = rest.split_at(rest.len().min(width - buffer.len()));
            buffer.extend_from_slice(next);
            rest = behind;
            let taken = reader.feed(&buffer, &mut |core, times| cores.push((core, times)));
            assert!(taken > 0 && taken <= buffer.len());
            buffer.drain(..taken);
        }
        (cores, reader.finish())
    };
    let longest = text.split(|&byte| byte == b'\n').map(<[u8]>::len).max();
    let width = longest.unwrap_or(0) + 1 + usize::from(seed);
    let (whole, parts) = (cores(text.len().max(1)), cores(width));
    // An error may be in another line: the rest of a text that is cut counts as one or not.
    assert_eq!(whole.1.ok(), parts.1.ok());
    if whole.1.is_ok() {
        assert_eq!(whole.0, parts.0);
    }
}

/// What programs and this program's own files say.
pub(super) fn texts(input: &[u8]) {
    let mut input = Bytes(input);
    let which = input.byte();
    let text = input.0;
    match which {
        0 => {
            if let Some(record) = kmsg::parse(text) {
                kmsg::Log::default().take(&record);
            }
        }
        1 => {
            systemd::marks(text);
            systemd::restarts(text, b"k3s.service");
        }
        2 => {
            if let Some(note) = note::Note::parse(text) {
                let shown = format!("{note}{} {}\n", note::FOLLOWED, note.followed);
                let again = note::Note::parse(shown.as_bytes());
                assert_eq!(again.as_ref(), Some(&note), "{shown}");
            }
        }
        3 => drop(journal::State::of(text)),
        4 => drop(edge_info::Sums::of(text)),
        _ => crate::resolver::fuzz::answer(text),
    }
}
