//! `compare`: the results table of products.

use super::export::{self, Export, Form, Format};
use super::keys::{self, ProductKey};
use super::logs;
use super::outcome::{file_error, shown, Error, Status};
use super::style;
use super::texts;
use crate::commands::options::options;
use crate::compare::facts::{self, Fact};
use crate::compare::footprints::Footprints;
use crate::compare::measured::Measured;
use crate::compare::Comparison;
use crate::log::record::Header;
use crate::products::{self, Definition, Key, Profile};
use crate::render::compare::{csv, json, write, write_headline};
use crate::render::{escaped, Medium};
use crate::results::Collector;
use crate::series::{By, Memory, Options, Standalone};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::str::FromStr;

options! {
    /// Print the table that compares products: boot time, memory before and with the edge
    /// software, PSS of its processes, disk, CPU, API response, networks, containers. A
    /// run belongs to the product and the stage that record was given; several runs of
    /// one stage are repetitions. If no recording of a stage has PSS, that of
    /// footprint --output is used. An empty cell says how to measure it; the findings at
    /// the end tell what is unfair.
    ///
    /// A line of a facts file is PRODUCT KEY VALUE "SOURCE", such as
    /// k3s boot-cold 38 s "stopwatch". README lists the keys.
    #[argh(
        subcommand,
        name = "compare",
        example = "edgebench-lite compare k3s/ izuma/ --reference k3s
edgebench-lite compare logs/ --facts hand.facts --export table.html"
    )]
    pub(crate) struct Compare {
        /// product to compare the others with (default: the first)
        #[argh(option)]
        reference: Option<String>,

        /// file of values measured by hand; may be repeated
        #[argh(option)]
        facts: Vec<PathBuf>,

        /// profile of a product with another name, PRODUCT=PROFILE, one of
        /// izuma, k3s, microk8s, k0s, kubeedge; may be repeated
        #[argh(option, long = "profile")]
        profiles: Vec<ProfileFor>,

        /// processes that make up a product, [PRODUCT:]LABEL=PATTERN: PATTERN is their
        /// program or one of their arguments, whole or the end of a path; replaces what
        /// its logs say; without PRODUCT, for each product that has no profile; may be
        /// repeated
        #[argh(option, long = "key")]
        keys: Vec<ProductKey> => keys::product_key,

        /// systemd unit whose processes make up a product, [PRODUCT=]UNIT; may be
        /// repeated
        #[argh(option, long = "unit")]
        units: Vec<ProductKey> => keys::product_unit,

        /// cgroup whose processes make up a product, [PRODUCT=]PATH; may be repeated
        #[argh(option, long = "cgroup")]
        cgroups: Vec<ProductKey> => keys::product_cgroup,

        /// output format: text (the default), markdown, json, csv, html or svg (the
        /// conclusions, as a picture)
        #[argh(option)]
        format: Format<Form> = Format::Text,

        /// file to write the table to as well; its suffix gives the format: .md, .json,
        /// .csv, .html or .svg; may be repeated
        #[argh(option, long = "export", arg_name = "file")]
        exports: Vec<Export<Form>>,

        /// log, or directory of logs (*.ebl)
        #[argh(positional, arg_name = "LOG")]
        logs: Vec<PathBuf>,
    }
}

#[derive(Debug, Clone)]
struct ProfileFor {
    product: String,
    profile: &'static Profile,
}

impl FromStr for ProfileFor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((product, name)) = text.rsplit_once('=').filter(|(p, _)| !p.is_empty()) else {
            return Err(format!("`{text}` is not PRODUCT=PROFILE, such as mine=k3s"));
        };
        match products::profile(name) {
            Some(profile) => Ok(Self {
                product: product.to_owned(),
                profile,
            }),
            None => Err(format!(
                "`{name}` is no known profile: those are {}",
                products::known()
            )),
        }
    }
}

/// Enough for one besides the recorder.
const TOP: usize = 2;

impl Compare {
    pub(crate) fn run(&self, out: &mut dyn Write) -> Result<Status, Error> {
        if self.logs.is_empty() && self.facts.is_empty() {
            return Err(Error::usage("compare: no log given, and no facts"));
        }
        export::check("compare", &self.exports, &[&self.logs, &self.facts])?;
        let facts = self.read_facts()?;
        let runs = self.read_logs()?;
        let comparison = self.compare(runs, facts)?;
        let write_form = |form, out: &mut dyn Write| match form {
            Form::Markdown => write(out, &comparison, Medium::Markdown),
            Form::Json => json::write(out, &comparison),
            Form::Csv => csv::write(out, &comparison),
            Form::Html => write(out, &comparison, Medium::Html),
            Form::Svg => write_headline(out, &comparison),
        };
        // Before printing, which a closed pipe may cut short.
        let status = export::write(&self.exports, write_form);
        match self.format {
            Format::Text => write(out, &comparison, Medium::Text(style::of_output(false))),
            Format::As(form) => write_form(form, out),
        }
        .map_err(Error::output)?;
        Ok(status)
    }

    fn read_facts(&self) -> Result<Vec<Fact>, Error> {
        let mut all = Vec::new();
        let mut seen = Vec::new();
        for path in &self.facts {
            let cannot = |error| file_error("read", path, &error);
            // Each of its values would count twice.
            let file = std::fs::metadata(path).map_err(cannot)?;
            let file = (file.dev(), file.ino());
            if seen.contains(&file) {
                let path = shown(path);
                return Err(Error::new(format!(
                    "compare: --facts {path} is given twice"
                )));
            }
            seen.push(file);
            let text = texts::read(path).map_err(cannot)?;
            let facts = facts::parse(&shown(path), &text);
            all.extend(facts.map_err(|error| Error::new(escaped(error.to_string().as_bytes())))?);
        }
        if all.is_empty() && self.logs.is_empty() {
            return Err(Error::new("compare: no fact in the facts file"));
        }
        Ok(all)
    }

    /// Keeps only the compared figures of each run.
    fn read_logs(&self) -> Result<Vec<Measured>, Error> {
        let options = Options {
            top: TOP,
            by: By::Name,
            memory: Memory::Pss,
        };
        let definition_of = |header: &Header<String>| self.definition_of(&header.product);
        logs::each(
            &logs::named(&self.logs)?,
            &mut |path, input| {
                let mut footprints = Footprints::new(&definition_of);
                let mut results = Collector::default();
                let mut standalone = |header: &Header<String>, of: Standalone<'_>| match of {
                    Standalone::Footprint(part) => footprints.add(header, part),
                    Standalone::Result(part) => results.add(header, part),
                };
                let runs = input.runs_of_products(&options, &definition_of, &mut standalone)?;
                let runs = logs::with_results(runs, results.finish()?).into_iter();
                let runs = runs.map(|run| {
                    let results = run.results.map(|of| (of.results, of.unknown));
                    let (results, unknown_results) = results.unwrap_or_default();
                    let measured = match run.sampled {
                        Some(sampled) => Measured::of(path.to_owned(), sampled, results),
                        None => Measured::of_results(path.to_owned(), run.header, results),
                    };
                    Measured {
                        unknown_results,
                        ..measured
                    }
                });
                Ok(runs.chain(footprints.finish(path)).collect())
            },
            |run: &Measured| &run.header,
        )
    }

    fn definition_of(&self, product: &str) -> Definition {
        let profile = self.profile_of(product);
        let given = self.given().filter(|(of, _)| match of {
            Some(of) => *of == product,
            None => profile.is_none(),
        });
        let given = given.map(|(_, key)| key.clone()).collect();
        Definition { profile, given }
    }

    /// The user's keys, and the products they are for.
    fn given(&self) -> impl Iterator<Item = (Option<&str>, &Key)> {
        let all = self.keys.iter().chain(&self.units).chain(&self.cgroups);
        all.map(|given| (given.product.as_deref(), &given.key))
    }

    fn profile_of(&self, product: &str) -> Option<&'static Profile> {
        let given = self.profiles.iter().rev().find(|p| p.product == product);
        match given {
            Some(given) => Some(given.profile),
            None => products::profile(product),
        }
    }

    fn compare(&self, runs: Vec<Measured>, facts: Vec<Fact>) -> Result<Comparison, Error> {
        let comparison = Comparison::new(runs, facts, self.reference.as_deref());
        let comparison = comparison.map_err(|unknown| {
            let reference = self.reference.as_deref().unwrap_or_default();
            unknown_product("--reference", reference, &unknown.known)
        })?;
        let products = comparison.products.iter();
        let known: Vec<String> = products.map(|product| product.name.clone()).collect();
        let is_unknown = |product: &&str| !known.iter().any(|known| known == product);
        let mut profiles = self.profiles.iter().map(|p| p.product.as_str());
        if let Some(product) = profiles.find(is_unknown) {
            return Err(unknown_product("--profile", product, &known));
        }
        for ProductKey { product, key } in self.keys.iter().chain(&self.units).chain(&self.cgroups)
        {
            let option = key.option();
            if let Some(product) = product.as_deref().filter(is_unknown) {
                return Err(unknown_product(&option, product, &known));
            }
            // `a=b:app=app.py` is read as the pattern `b:app=app.py`, labelled `a`.
            let patterns = key.givens().map(|(_, pattern)| pattern);
            let given = format!("{}={}", key.label, patterns.collect::<String>());
            let begins = |name: &&String| {
                let rest = given.strip_prefix(name.as_str());
                name.contains('=') && rest.is_some_and(|rest| rest.starts_with(':'))
            };
            if let Some(name) = known.iter().find(begins) {
                let name = escaped(name.as_bytes());
                return Err(Error::new(format!(
                    "--key cannot name the product {name}, because of its `=`: define it with \
                     --unit, --cgroup or --profile"
                )));
            }
        }
        Ok(comparison)
    }
}

fn unknown_product(option: &str, name: &str, known: &[String]) -> Error {
    Error::new(format!(
        "{option}: there is no product {}: there are {}",
        escaped(name.as_bytes()),
        escaped(known.join(", ").as_bytes())
    ))
}
