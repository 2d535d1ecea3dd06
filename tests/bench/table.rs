//! What is printed: figures beside goals.

/// A figure and the most that it ought to be.
pub struct Goal {
    pub what: String,
    pub value: f64,
    pub most: f64,
    pub unit: &'static str,
    /// `false`: the goal is one of another build.
    pub compared: bool,
}

impl Goal {
    pub fn new(what: &str, value: f64, most: f64, unit: &'static str) -> Self {
        Self {
            what: what.to_owned(),
            value,
            most,
            unit,
            compared: true,
        }
    }
}

pub fn verdict(value: f64, most: f64) -> &'static str {
    // What is no number has missed it too.
    if value <= most {
        "ok"
    } else {
        "MISSED"
    }
}

pub fn print(goals: &[Goal]) {
    println!("{:<52} {:>10} {:>10}", "", "measured", "goal");
    for goal in goals {
        let Goal {
            what,
            value,
            most,
            unit,
            compared,
        } = goal;
        let verdict = match compared {
            true => verdict(*value, *most),
            false => "not compared: no static build",
        };
        let digits = if *most < 10.0 { 2 } else { 0 };
        println!("{what:<52} {value:>10.digits$} {most:>10.digits$} {unit:<6} {verdict}");
    }
}
