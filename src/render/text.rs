//! A report as text, made for 80 columns and more.

use super::chart::Chart;
use super::figures::{mib, percent};
use super::outline::{section, Line, Told};
use super::spark;
use super::style::{wrapped, Style};
use super::table::Table;
use super::Report;
use crate::series::{Row, Run};
use std::io::{self, Write};

/// Characters to the labels of a run's facts, and to those of the machine's parts.
const FACTS: usize = 10;
const PARTS: usize = 12;

/// Writes the report.
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut dyn Write, report: &Report, style: &Style) -> io::Result<()> {
    for (index, block) in report.blocks.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        let section = section(block, &report.options, style.unicode);
        writeln!(out, "{}", section.title)?;
        for table in &section.over_runs {
            table.write(out, style)?;
        }
        for told in section.runs {
            if let Some(title) = &told.title {
                writeln!(out, "\n{title}")?;
            }
            run(out, told, style)?;
        }
    }
    Ok(())
}

fn run(out: &mut dyn Write, told: Told<'_>, style: &Style) -> io::Result<()> {
    let mut facts = told.facts;
    if let Some(validity) = told.remarks.validity() {
        facts.push(("validity", format!("{validity}, at the end")));
    }
    lines(out, style, FACTS, &facts)?;
    if let Some(figures) = &told.figures {
        figures.write(out, style)?;
    }
    charts(out, told.run, style)?;
    for (table, rows) in told.processes {
        sparked(table, rows, told.run, style).write(out, style)?;
    }
    if !told.parts.is_empty() {
        writeln!(out, "\nParts of the machine")?;
    }
    lines(out, style, PARTS, &told.parts)?;
    for table in &told.tables {
        table.write(out, style)?;
    }
    told.remarks.write(out, style)
}

fn lines(out: &mut dyn Write, style: &Style, width: usize, lines: &[Line]) -> io::Result<()> {
    for (label, text) in lines {
        wrapped(
            out,
            style.width,
            &format!("  {label:<width$}"),
            width + 2,
            text,
        )?;
    }
    Ok(())
}

/// Differences of CPU, milli-percent, and of memory, as a part of all of it, that
/// are worth the whole height of a picture.
pub const LEAST_CPU: f64 = 1000.0;
pub const LEAST_MEMORY: f64 = 0.005;

fn charts(out: &mut dyn Write, run: &Run, style: &Style) -> io::Result<()> {
    let health = &run.health;
    let chart = |title, curve, summary, form, least| Chart {
        title,
        curve,
        summary,
        form,
        least,
        last_tick: health.last_tick,
        interval_us: run.header.interval_us,
    };
    if let Some(cpu) = &run.cpu {
        let title = "CPU over time, % of all cores";
        chart(title, &health.cpu, cpu, percent, LEAST_CPU).write(out, style)?;
    }
    if let Some(memory) = &run.memory_kib {
        let title = "Memory in use over time, MiB";
        let least = LEAST_MEMORY * run.header.mem_total_kib as f64;
        chart(title, &health.memory_kib, memory, mib, least).write(out, style)?;
    }
    Ok(())
}

/// The table with the series of its rows over time, where there is room left.
fn sparked(mut table: Table, of: &[Row], run: &Run, style: &Style) -> Table {
    let room = style.width.saturating_sub(table.width() + 2);
    if let Some(width) = spark::width(room, &run.health, style) {
        for (cells, row) in table.rows.iter_mut().zip(of) {
            cells.push(spark::line(&row.spark, &run.health, width, style));
        }
        let title = if width < 9 { "in time" } else { "over time" };
        table.head.push(format!("{title:<width$}"));
    }
    table
}
