//! For how long something may be silent before a firewall forgets it: several silences at
//! a time, then others between the longest that it outlived and the shortest that it did
//! not.

use super::exchange::{Exchange, Plan, Stage};
use super::seen::IdleSeen;
use super::survey::Survey;
use crate::peer::message::{Answer, Ask};
use crate::system::socket::Transport;

/// The shortest silence that is tried.
const LEAST_MS: u32 = 2000;
/// It is known to within so much, or to a tenth.
const NEAR_MS: u32 = 2000;

/// Each transport, with this machine or the peer speaking after the silence.
const KINDS: [(Transport, bool); 4] = [
    (Transport::Tcp, true),
    (Transport::Tcp, false),
    (Transport::Udp, true),
    (Transport::Udp, false),
];

/// Measures silences of up to `up_to_ms`; `false` where a signal came.
// The first peer is there: without one there is nothing to ask.
#[allow(clippy::indexing_slicing)]
pub(super) fn measure(survey: &mut Survey<'_, '_>, up_to_ms: u32) -> nix::Result<bool> {
    let kinds = KINDS.iter().filter(|(transport, _)| match transport {
        Transport::Tcp => survey.passing[0].tcp.is_some(),
        Transport::Udp => !survey.passing[0].udp.is_empty(),
    });
    let unknown = |&(transport, speaks_here): &(Transport, bool)| IdleSeen {
        transport,
        speaks_here,
        alive_ms: None,
        dead_ms: None,
    };
    let mut all: Vec<IdleSeen> = kinds.map(unknown).collect();
    let mut is_first = true;
    loop {
        let mut asked = Vec::new();
        for (kind, one) in all.iter().enumerate() {
            for ms in silences(one, up_to_ms, is_first) {
                if let Some(plan) = plan(survey, one, ms) {
                    survey.prober.add(plan)?;
                    asked.push((kind, ms));
                }
            }
        }
        if asked.is_empty() {
            survey.seen.idle = all;
            return Ok(true);
        }
        is_first = false;
        if !survey.prober.run() {
            return Ok(false);
        }
        let told = survey.prober.take();
        for (kind, one) in all.iter_mut().enumerate() {
            let of_kind = asked.iter().zip(&told).filter(|((of, _), _)| *of == kind);
            let lives = of_kind.filter_map(|((_, ms), exchange)| Some((*ms, lives(exchange)?)));
            narrow(one, &lives.collect::<Vec<_>>());
        }
    }
}

// As above.
#[allow(clippy::indexing_slicing)]
fn plan(survey: &Survey<'_, '_>, one: &IdleSeen, ms: u32) -> Option<Plan> {
    let asker_speaks = one.speaks_here;
    let again_after_ms = asker_speaks.then_some(ms);
    let ask = match (one.transport, asker_speaks) {
        (Transport::Udp, true) => Ask::Echo,
        _ => Ask::Hold { ms, asker_speaks },
    };
    let plan = match one.transport {
        Transport::Tcp => survey.plan(0, ask)?,
        Transport::Udp => Plan::echo(0, Transport::Udp, *survey.passing[0].udp.first()?),
    };
    Some(Plan {
        ask,
        again_after_ms,
        ..plan
    })
}

/// Whether it outlived the silence; `None` if that never began.
fn lives(exchange: &Exchange) -> Option<bool> {
    if exchange.stage == Stage::Asking {
        return None;
    }
    Some(match (exchange.answer, exchange.plan.transport) {
        // What a new mapping brings is not what was there before.
        (Some(Answer::Echo { seen, .. }), Transport::Udp) => Some(seen) == exchange.seen_before,
        (answer, _) => answer.is_some(),
    })
}

/// Takes what silences came to. What outlived a longer one has not died of a shorter one:
/// that was something else.
fn narrow(one: &mut IdleSeen, lives: &[(u32, bool)]) {
    let alive = lives.iter().filter(|(_, lives)| *lives).map(|(ms, _)| *ms);
    one.alive_ms = one.alive_ms.max(alive.max());
    let least = one.alive_ms.unwrap_or(0);
    let dead = lives.iter().filter(|(ms, lives)| !lives && *ms > least);
    let dead = dead.map(|(ms, _)| *ms).chain(one.dead_ms);
    one.dead_ms = dead.filter(|ms| *ms > least).min();
}

/// The silences that are to be tried next.
fn silences(one: &IdleSeen, up_to_ms: u32, is_first: bool) -> Vec<u32> {
    // Between the two.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let between = |low: u32, high: u32| (f64::from(low) * f64::from(high)).sqrt() as u32;
    let three = |low: u32, high: u32| {
        let middle = between(low, high);
        vec![between(low, middle), middle, between(middle, high)]
    };
    if is_first {
        let least = LEAST_MS.min(up_to_ms);
        let mut all = vec![least];
        all.extend(three(least, up_to_ms));
        all.push(up_to_ms);
        all.dedup();
        return all;
    }
    match (one.alive_ms, one.dead_ms) {
        (Some(alive), Some(dead)) if dead.saturating_sub(alive) > NEAR_MS.max(alive / 10) => {
            three(alive, dead)
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A firewall that forgets after so long.
    fn measured(time_out_ms: u32, up_to_ms: u32) -> (IdleSeen, usize) {
        let mut one = IdleSeen {
            transport: Transport::Udp,
            speaks_here: false,
            alive_ms: None,
            dead_ms: None,
        };
        for round in 0.. {
            let asked = silences(&one, up_to_ms, round == 0);
            if asked.is_empty() {
                return (one, round);
            }
            let lives = asked.iter().map(|ms| (*ms, *ms < time_out_ms));
            narrow(&mut one, &lives.collect::<Vec<_>>());
        }
        unreachable!()
    }

    #[test]
    fn a_time_out_is_found_to_a_tenth_or_two_seconds() {
        for up_to in [10_000, 600_000, 7_200_000] {
            for time_out in (2500..up_to).step_by(977) {
                let (one, rounds) = measured(time_out, up_to);
                let (alive, dead) = (one.alive_ms.unwrap(), one.dead_ms.unwrap());
                assert!(alive < time_out && time_out <= dead, "{time_out} {one:?}");
                assert!(dead - alive <= 2000.max(alive / 10), "{time_out} {one:?}");
                assert!(rounds <= 4, "{rounds}");
            }
        }
    }

    #[test]
    fn none_and_at_once() {
        let (one, rounds) = measured(u32::MAX, 600_000);
        assert_eq!(
            (one.alive_ms, one.dead_ms, rounds),
            (Some(600_000), None, 1)
        );
        let (one, rounds) = measured(0, 600_000);
        assert_eq!((one.alive_ms, one.dead_ms, rounds), (None, Some(2000), 1));
    }

    /// A connection that died of something else is no time-out.
    #[test]
    fn the_longest_that_lived_decides() {
        let mut one = measured(u32::MAX, 600_000).0;
        narrow(&mut one, &[(2000, false), (8000, true), (144_000, false)]);
        assert_eq!((one.alive_ms, one.dead_ms), (Some(600_000), None));
    }
}
