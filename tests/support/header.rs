//! The header of a recording that is made here.

use edgebench_lite::log::record::{Header, PssMode, Synchronised, MAGIC, VERSION};

pub fn header(run: u32, pss: PssMode) -> Header<String> {
    let header = Header {
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
        mem_total_kib: 1_000_000,
        swap_total_kib: 0,
        interval_us: 1_000_000,
        pss,
        synchronised: Synchronised::Unknown,
        euid: 0,
        start_realtime_ns: 1_700_000_000_000_000_000,
        start_boottime_ns: 5_000_000_000_000,
    };
    header.map(|text: &&str| text.to_string())
}
