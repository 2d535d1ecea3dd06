//! The temperature of the processor, from a thermal zone.

use crate::log::fields::board::TEMPERATURES_MC;
use crate::proc::attribute;
use crate::proc::root::Root;

const DIR: &str = "sys/class/thermal";
/// A driver that counts in whole degrees stays below this. One that counts in thousandths
/// is above it, unless the processor is within 0.15 degrees of freezing.
const WHOLE_DEGREES: u64 = 150;
const MILLI: i64 = 1000;

/// A zone's file. It is opened for each reading: a descriptor costs a page.
pub(crate) struct Thermometer {
    pub(crate) file: String,
    /// The driver's unit, thousandths of a degree; `None` while it has shown only 0.
    step_mc: Option<i64>,
}

/// Why there is no temperature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Unreadable,
    /// No processor is that cold or hot; degrees Celsius.
    Implausible(i64),
}

impl Thermometer {
    /// The processor's zone, by the names of device trees and x86; otherwise the first zone.
    /// An unreadable or implausible zone is passed over; if all are, the best-named is kept.
    pub(crate) fn find(root: &Root, buffer: &mut [u8]) -> Option<Self> {
        let mut zones: Vec<(u32, u32, String)> = Vec::new();
        for name in root.list(DIR) {
            let number = name.strip_prefix("thermal_zone");
            let Some(number) = number.and_then(|number| number.parse().ok()) else {
                continue;
            };
            let kind = root.read(&format!("{DIR}/{name}/type"), buffer);
            zones.push((rank(kind.unwrap_or_default()), number, name));
        }
        zones.sort_unstable();
        let files = zones.iter().map(|(.., name)| format!("{DIR}/{name}/temp"));
        let mut found: Option<Self> = None;
        for file in files {
            let Some(file) = there(root, file) else {
                continue;
            };
            let mut zone = Self {
                file,
                step_mc: None,
            };
            if zone.read(root, buffer).is_ok() {
                return Some(zone);
            }
            found.get_or_insert(zone);
        }
        found
    }

    /// Thousandths of a degree Celsius.
    pub(crate) fn read(&mut self, root: &Root, buffer: &mut [u8]) -> Result<i64, Fault> {
        let text = root.read(&self.file, buffer);
        let text = text.map_err(|_| Fault::Unreadable)?;
        let told = attribute::signed(text).map_err(|_| Fault::Unreadable)?;
        let step = match (self.step_mc, told.unsigned_abs()) {
            (Some(step), _) => step,
            (None, 0) => return Ok(0),
            (None, 1..=WHOLE_DEGREES) => MILLI,
            (None, _) => 1,
        };
        let milli = told.saturating_mul(step);
        if !TEMPERATURES_MC.contains(&milli) {
            return Err(Fault::Implausible(milli / MILLI));
        }
        self.step_mc = Some(step);
        Ok(milli)
    }
}

/// The file, if it can be opened.
pub(super) fn there(root: &Root, file: String) -> Option<String> {
    root.open_file(&file).ok().map(|_| file)
}

/// How close to the processor a zone is, by its type: device trees of one maker have
/// CPU-therm where others have cpu-thermal.
fn rank(kind: &[u8]) -> u32 {
    let begins = |with: &[u8]| {
        let begin = kind.get(..with.len());
        begin.is_some_and(|begin| begin.eq_ignore_ascii_case(with))
    };
    let has_cpu = || {
        kind.windows(3)
            .any(|part| part.eq_ignore_ascii_case(b"cpu"))
    };
    match kind {
        _ if begins(b"cpu") => 0,
        _ if begins(b"soc") => 1,
        b"x86_pkg_temp\n" => 2,
        _ if has_cpu() => 3,
        _ => 4,
    }
}
