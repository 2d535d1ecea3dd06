//! The device tree, as `/proc/device-tree` shows it: a folder is a node, a file one of
//! its properties. Devicetree Specification 0.4, 2.2 and 2.3.

use crate::proc::root::Root;

#[cfg(fuzzing)]
#[path = "../../tests/fuzz/targets/tree.rs"]
pub(crate) mod fuzz;

const TREE: &str = "proc/device-tree";
/// The counter of microseconds since the reset, which every Raspberry Pi has.
const SYSTEM_TIMER: &[u8] = b"brcm,bcm2835-system-timer";
/// Nodes that buses are called by.
const BUSES: [&str; 3] = ["soc", "axi", "bus"];

/// Why the system timer is not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lack {
    Tree,
    Timer,
    /// The buses above the timer do not translate its address.
    Address,
}

/// What the boot loader says of the reset before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    PowerOn,
    Restart,
}

impl Start {
    /// Of the register PM_RSTS. Its other bits are a partition's number, and a restart
    /// leaves the bit of the power-on before it as it is.
    pub(crate) fn of(pm_rsts: u32) -> Option<Self> {
        const POWER_ON: u32 = 0x1000;
        const FULL_RESET: u32 = 0x20;
        match pm_rsts {
            value if value & FULL_RESET != 0 => Some(Self::Restart),
            value if value & POWER_ON != 0 => Some(Self::PowerOn),
            _ => None,
        }
    }
}

/// What the reset was, where the boot loader tells; it does on a Pi 4 and later.
pub(crate) fn start(root: &Root) -> Option<Start> {
    let value = property(root, &format!("{TREE}/chosen/bootloader/rsts"))?;
    Start::of(u32::from_be_bytes(value.try_into().ok()?))
}

/// Where the registers of the system timer lie in the CPU's memory.
pub(crate) fn system_timer(root: &Root) -> Result<u64, Lack> {
    if root.list(TREE).is_empty() {
        return Err(Lack::Tree);
    }
    let node = find(root, TREE, 0).ok_or(Lack::Timer)?;
    address(root, &node).ok_or(Lack::Address)
}

// It goes three buses deep.
#[allow(clippy::arithmetic_side_effects)]
fn find(root: &Root, parent: &str, depth: u32) -> Option<String> {
    const DEEPEST: u32 = 3;
    let mut buses = Vec::new();
    for name in root.list(parent) {
        let node = format!("{parent}/{name}");
        let kind = name.split('@').next().unwrap_or_default();
        if kind == "timer" {
            let compatible = property(root, &format!("{node}/compatible"));
            let mut names = compatible.iter().flat_map(|list| list.split(|&b| b == 0));
            if names.any(|name| name == SYSTEM_TIMER) {
                return Some(node);
            }
        }
        if BUSES.contains(&kind) && depth < DEEPEST {
            buses.push(node);
        }
    }
    buses.iter().find_map(|bus| find(root, bus, depth + 1))
}

/// The first address of a node, through all buses above it.
// There are two cells at most.
#[allow(clippy::arithmetic_side_effects)]
fn address(root: &Root, node: &str) -> Option<u64> {
    let (mut bus, _) = node.rsplit_once('/')?;
    let reg = property(root, &format!("{node}/reg"))?;
    let mut address = number(reg.get(..4 * address_cells(root, bus)?)?);
    while bus != TREE {
        let (above, _) = bus.rsplit_once('/')?;
        // Without the property nothing below is the CPU's to address.
        let ranges = property(root, &format!("{bus}/ranges"))?;
        let cells = Cells {
            child: address_cells(root, bus)?,
            parent: address_cells(root, above)?,
            size: cells(root, bus, "#size-cells", 1)?,
        };
        address = translated(address, &ranges, &cells)?;
        bus = above;
    }
    Some(address)
}

fn address_cells(root: &Root, node: &str) -> Option<usize> {
    cells(root, node, "#address-cells", 2).filter(|cells| *cells > 0)
}

/// How many numbers of 32 bits there are; more than two are no bus of a CPU.
fn cells(root: &Root, node: &str, name: &str, default: usize) -> Option<usize> {
    match property(root, &format!("{node}/{name}")) {
        None => Some(default),
        Some(value) => usize::try_from(number(value.get(..4)?)).ok(),
    }
    .filter(|cells| *cells <= 2)
}

/// Of what widths the numbers in `ranges` are.
struct Cells {
    child: usize,
    parent: usize,
    size: usize,
}

/// An address below a bus, as it is above it.
// There are two cells at most of each, and a range has the width of all.
#[allow(clippy::arithmetic_side_effects)]
fn translated(address: u64, ranges: &[u8], cells: &Cells) -> Option<u64> {
    if ranges.is_empty() {
        return Some(address);
    }
    let width = 4 * (cells.child + cells.parent + cells.size);
    ranges.chunks_exact(width.max(4)).find_map(|range| {
        let (child, rest) = range.split_at(4 * cells.child);
        let (parent, size) = rest.split_at(4 * cells.parent);
        let offset = address.checked_sub(number(child))?;
        let is_here = offset < number(size);
        number(parent).checked_add(offset).filter(|_| is_here)
    })
}

/// Big-endian.
fn number(bytes: &[u8]) -> u64 {
    let bytes = bytes.iter();
    bytes.fold(0, |number, &byte| number << 8 | u64::from(byte))
}

fn property(root: &Root, name: &str) -> Option<Vec<u8>> {
    let mut buffer = [0; 4096];
    Some(root.read(name, &mut buffer).ok()?.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::path::{Path, PathBuf};

    /// A tree on the disk, gone when it is dropped.
    struct Tree(PathBuf);

    impl Tree {
        fn new(name: &str) -> Self {
            let name = format!("edgebench-tree-{}-{name}", std::process::id());
            let path = std::env::temp_dir().join(name);
            let _ = std::fs::remove_dir_all(&path);
            std::fs::create_dir_all(path.join("proc")).unwrap();
            Self(path)
        }

        fn put(&self, name: &str, value: &[u8]) {
            let path = self.0.join(TREE).join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, value).unwrap();
        }

        fn cells(&self, name: &str, cells: &[u32]) {
            let value: Vec<u8> = cells.iter().flat_map(|cell| cell.to_be_bytes()).collect();
            self.put(name, &value);
        }

        fn root(&self) -> Root {
            Root::open(&self.0).unwrap()
        }
    }

    impl Drop for Tree {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    /// A board of `raspberrypi/linux`, as far as it bears on the timer.
    fn board(name: &str, root: [u32; 2], bus: &str, ranges: &[u32], timer: u32) -> Tree {
        let tree = Tree::new(name);
        tree.cells("#address-cells", &root[..1]);
        tree.cells("#size-cells", &root[1..]);
        // The CPU's own timer, which is not the one.
        tree.put("timer/compatible", b"arm,armv8-timer\0");
        tree.cells(&format!("{bus}/#address-cells"), &[1]);
        tree.cells(&format!("{bus}/#size-cells"), &[1]);
        tree.cells(&format!("{bus}/ranges"), ranges);
        let node = format!("{bus}/timer@{timer:x}");
        tree.put(
            &format!("{node}/compatible"),
            b"brcm,bcm2835-system-timer\0",
        );
        tree.cells(&format!("{node}/reg"), &[timer, 0x1000]);
        tree
    }

    #[test]
    fn raspberry_pi_3() {
        // bcm2837.dtsi and bcm283x.dtsi.
        let ranges = [
            0x7e00_0000,
            0x3f00_0000,
            0x0100_0000, //
            0x4000_0000,
            0x4000_0000,
            0x0000_1000,
        ];
        let tree = board("pi3", [1, 1], "soc", &ranges, 0x7e00_3000);
        assert_eq!(system_timer(&tree.root()), Ok(0x3f00_3000));
        assert_eq!(start(&tree.root()), None);
    }

    #[test]
    fn raspberry_pi_4() {
        // bcm2711.dtsi: the root has addresses of two cells.
        let ranges = [
            0x7e00_0000,
            0,
            0xfe00_0000,
            0x0180_0000, //
            0x7c00_0000,
            0,
            0xfc00_0000,
            0x0200_0000, //
            0x4000_0000,
            0,
            0xff80_0000,
            0x0080_0000,
        ];
        let tree = board("pi4", [2, 1], "soc", &ranges, 0x7e00_3000);
        tree.cells("chosen/bootloader/rsts", &[0x1000]);
        assert_eq!(system_timer(&tree.root()), Ok(0xfe00_3000));
        assert_eq!(start(&tree.root()), Some(Start::PowerOn));
    }

    #[test]
    fn raspberry_pi_5() {
        // bcm2712.dtsi, of 6.6 and of 6.12.
        let old = [0x7c00_0000, 0x10, 0x7c00_0000, 0x0400_0000];
        let new = [0, 0x10, 0, 0x8000_0000];
        for (name, bus, ranges) in [("pi5", "soc", old), ("pi5n", "soc@107c000000", new)] {
            let tree = board(name, [2, 2], bus, &ranges, 0x7c00_3000);
            tree.cells("chosen/bootloader/rsts", &[0x1020]);
            assert_eq!(system_timer(&tree.root()), Ok(0x10_7c00_3000), "{bus}");
            assert_eq!(start(&tree.root()), Some(Start::Restart));
        }
    }

    #[test]
    fn buses_below_buses() {
        let tree = board(
            "deep",
            [2, 2],
            "axi/soc",
            &[0x7c00_0000, 5, 0x10, 0x100_0000],
            0x7c00_3000,
        );
        // axi has the default of two cells, and passes addresses on as they are.
        tree.put("axi/ranges", b"");
        assert_eq!(system_timer(&tree.root()), Ok(0x5_0000_3010));
        tree.cells("axi/#address-cells", &[3]);
        assert_eq!(system_timer(&tree.root()), Err(Lack::Address));
    }

    #[test]
    fn what_is_lacking() {
        let tree = Tree::new("none");
        assert_eq!(system_timer(&tree.root()), Err(Lack::Tree));
        tree.put("model", b"A board\0");
        assert_eq!(system_timer(&tree.root()), Err(Lack::Timer));
        let tree = board(
            "outside",
            [1, 1],
            "soc",
            &[0x7e00_4000, 0, 0x1000],
            0x7e00_3000,
        );
        assert_eq!(system_timer(&tree.root()), Err(Lack::Address));
        std::fs::remove_file(tree.0.join(TREE).join("soc/ranges")).unwrap();
        assert_eq!(system_timer(&tree.root()), Err(Lack::Address));
        tree.put("chosen/bootloader/rsts", &[0, 0x10]);
        assert_eq!(start(&tree.root()), None);
    }

    #[test]
    fn what_the_register_says_of_the_reset() {
        // 0x1034, 0x1020 and 0x20 were printed after a restart, 0x1000 after power-on.
        for restart in [0x20, 0x1020, 0x1034] {
            assert_eq!(Start::of(restart), Some(Start::Restart), "{restart:x}");
        }
        assert_eq!(Start::of(0x1000), Some(Start::PowerOn));
        assert_eq!(Start::of(0), None);
    }

    #[test]
    fn a_captured_board_has_no_timer_in_it() {
        let captures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
        let root = Root::open(&captures.join("aarch64-raspi3b")).unwrap();
        assert_eq!(system_timer(&root), Err(Lack::Timer));
    }

    proptest! {
        #[test]
        fn hostile_ranges_never_panic(
            address in any::<u64>(),
            ranges in proptest::collection::vec(any::<u8>(), 0..100),
            child in 1_usize..3,
            parent in 1_usize..3,
            size in 0_usize..3,
        ) {
            let _ = translated(address, &ranges, &Cells { child, parent, size });
        }
    }
}
