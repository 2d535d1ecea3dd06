//! The system timer of a device tree whose nodes and numbers are the input's.

use super::{system_timer, translated, Cells, TREE};
use crate::fuzzing::Bytes;
use crate::proc::root::Root;
use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

/// Where a property lies, from the root of the tree on.
const PLACES: [&str; 11] = [
    "#address-cells",
    "#size-cells",
    "soc/#address-cells",
    "soc/#size-cells",
    "soc/ranges",
    "soc/bus@7/#address-cells",
    "soc/bus@7/#size-cells",
    "soc/bus@7/ranges",
    "soc/timer@7e003000/reg",
    "soc/bus@7/timer@3000/reg",
    "chosen/bootloader/rsts",
];
const TIMERS: [&str; 2] = ["soc/timer@7e003000", "soc/bus@7/timer@3000"];

/// A folder in memory that this process has for itself.
fn folder() -> &'static PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = PathBuf::from(format!("/dev/shm/edgebench-fuzz-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    })
}

pub(crate) fn tree(input: &[u8]) {
    let mut input = Bytes(input);
    let kind = input.byte();
    if kind & 1 == 0 {
        let cells = Cells {
            child: usize::from(kind >> 1 & 1) + 1,
            parent: usize::from(kind >> 2 & 1) + 1,
            size: usize::from(kind >> 3) % 3,
        };
        let address = input.take(8).try_into().map_or(0, u64::from_be_bytes);
        let _ = translated(address, input.0, &cells);
        return;
    }
    let root = folder();
    let tree = root.join(TREE);
    for place in PLACES {
        let path = tree.join(place);
        let property = input.piece();
        let _ = fs::create_dir_all(path.parent().expect("it has one"));
        match property.is_empty() && !place.ends_with("ranges") {
            true => drop(fs::remove_file(path)),
            false => fs::write(path, property).expect("there is room"),
        }
    }
    let which = usize::from(kind >> 1 & 1);
    for (at, timer) in TIMERS.iter().enumerate() {
        let path = tree.join(timer).join("compatible");
        match at == which {
            true => fs::write(path, b"brcm,bcm2835-system-timer\0").expect("there is room"),
            false => drop(fs::remove_file(path)),
        }
    }
    let opened = Root::open(root).expect("it is there");
    let _ = system_timer(&opened);
    super::start(&opened);
}
