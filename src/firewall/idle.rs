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
    let is_whole = search(&mut all, up_to_ms, &mut |asked| ask(survey, asked))?;
    survey.seen.idle = all;
    Ok(is_whole)
}

/// What silences of each kind came to: `None` where that is not known.
type Lives = Vec<Option<bool>>;
/// Has silences tried; `None` where a signal came.
type Try<'t> = dyn FnMut(&[(IdleSeen, u32)]) -> nix::Result<Option<Lives>> + 't;

/// Narrows all down as far as it goes; `false` where a signal came.
fn search(all: &mut [IdleSeen], up_to_ms: u32, ask: &mut Try<'_>) -> nix::Result<bool> {
    let mut is_first = true;
    loop {
        let mut asked = Vec::new();
        for one in all.iter() {
            for ms in silences(one, up_to_ms, is_first) {
                asked.push((*one, ms));
            }
        }
        if asked.is_empty() {
            return Ok(true);
        }
        is_first = false;
        let Some(lives) = ask(&asked)? else {
            return Ok(false);
        };
        let mut is_learnt = false;
        for one in all.iter_mut() {
            let before = *one;
            let mut known = Vec::new();
            for ((of, ms), lives) in asked.iter().zip(&lives) {
                if let (true, Some(lives)) = (*of == before, *lives) {
                    known.push((*ms, lives));
                }
            }
            narrow(one, &known);
            is_learnt |= *one != before;
        }
        // The same would be asked again, for ever.
        if !is_learnt {
            return Ok(true);
        }
    }
}

/// Tries silences, and whether the peer can still be asked at all, and is the same: of one
/// that is gone, or was started anew, nothing lives.
// As in `measure`.
#[allow(clippy::indexing_slicing)]
fn ask(survey: &mut Survey<'_, '_>, asked: &[(IdleSeen, u32)]) -> nix::Result<Option<Lives>> {
    survey.prober.peers[0].is_another = false;
    for (one, ms) in asked {
        if let Some(plan) = plan(survey, one, *ms) {
            survey.prober.add(plan)?;
        }
    }
    if !survey.prober.run() {
        return Ok(None);
    }
    let told = survey.prober.take();
    if let Some(plan) = survey.plan(0, Ask::Echo) {
        survey.prober.add(plan)?;
    }
    if !survey.prober.run() {
        return Ok(None);
    }
    let is_there = survey.prober.take().iter().any(|now| now.answer.is_some())
        && !survey.prober.peers[0].is_another;
    let known = |exchange| lives(exchange).filter(|lives| *lives || is_there);
    Ok(Some(told.iter().map(known).collect()))
}

// As in `measure`.
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
    let three =
        |low: u32, middle: u32, high: u32| [between(low, middle), middle, between(middle, high)];
    if is_first {
        let least = LEAST_MS.min(up_to_ms);
        let middle = match one.decisive_ms() {
            decisive if decisive < up_to_ms => decisive,
            _ => between(least, up_to_ms),
        };
        let mut all = vec![least];
        if least < up_to_ms {
            all.extend(three(least, middle, up_to_ms));
            all.push(up_to_ms);
        }
        return all;
    }
    match (one.alive_ms, one.dead_ms) {
        (Some(alive), Some(dead)) if dead.saturating_sub(alive) > NEAR_MS.max(alive / 10) => {
            three(alive, between(alive, dead), dead).to_vec()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found where `lives` says what becomes of a silence, and in how many rounds.
    fn found(up_to_ms: u32, lives: impl Fn(u32) -> Option<bool>) -> (IdleSeen, usize) {
        let mut all = [IdleSeen {
            transport: Transport::Udp,
            speaks_here: false,
            alive_ms: None,
            dead_ms: None,
        }];
        let mut rounds = 0;
        let whole = search(&mut all, up_to_ms, &mut |asked| {
            rounds += 1;
            Ok(Some(asked.iter().map(|(_, ms)| lives(*ms)).collect()))
        });
        assert_eq!(whole, Ok(true));
        (all[0], rounds)
    }

    /// A firewall that forgets after so long.
    fn measured(time_out_ms: u32, up_to_ms: u32) -> (IdleSeen, usize) {
        found(up_to_ms, |ms| Some(ms < time_out_ms))
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

    /// Two minutes less 2 s for UDP: a timer of just two minutes is none too short.
    #[test]
    fn the_silence_that_decides_is_tried() {
        let of = |time_out| measured(time_out, 600_000).0;
        assert!(of(120_000).alive_ms >= Some(118_000));
        assert!(of(118_000).dead_ms <= Some(118_000));
    }

    /// The peer, or the way to it, is gone after the first silences.
    #[test]
    fn what_nobody_answers_is_not_asked_for_ever() {
        assert_eq!(found(600_000, |_| None).1, 1);
        let known = [2000, 600_000];
        let (one, rounds) = found(600_000, |ms| known.contains(&ms).then_some(ms == 2000));
        assert_eq!(rounds, 2);
        assert_eq!((one.alive_ms, one.dead_ms), (Some(2000), Some(600_000)));
    }
}
