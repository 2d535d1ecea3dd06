//! The header of a log that is made here: of a board that says little.

use edgebench_lite::log::record::{Header, PssMode, Synchronised, MAGIC, VERSION};

pub const fn header(run: u32, pss: PssMode) -> Header<&'static str> {
    Header {
        magic: MAGIC,
        version: VERSION,
        run,
        tool: "",
        product: "",
        stage: "",
        host: "",
        release: "",
        machine: "",
        os: "",
        board: "",
        boot_id: "",
        cmdline: "",
        clk_tck: 100,
        page_size: 4096,
        cores: 1,
        mem_total_kib: 1000,
        swap_total_kib: 0,
        interval_us: 1_000_000,
        pss,
        synchronised: Synchronised::Yes,
        euid: 0,
        start_realtime_ns: 1_700_000_000_000_000_000,
        start_boottime_ns: 1_000_000_000_000,
    }
}
