//! Courses worked out by hand: two samples a window, no probe.

use super::*;

const SECOND: u64 = 1_000_000_000;
const RULES: Rules = Rules {
    samples: 2,
    probes: 0,
    settle_ns: 5 * SECOND,
    time_out_ns: 60 * SECOND,
    most: u64::MAX,
    asks_each: true,
};

/// A course, and the time.
struct Driven {
    course: Course,
    now: u64,
}

impl Driven {
    fn new(rules: Rules) -> Self {
        Self {
            course: Course::new(rules),
            now: 0,
        }
    }

    /// Samples come, one a second.
    fn samples(&mut self, number: u64) {
        for _ in 0..number {
            self.now += SECOND;
            self.course.sample(self.now, 0);
        }
    }

    /// What is due is run, and ends so after `seconds`.
    fn run(&mut self, order: Order, of: u64, well: bool, seconds: u64) {
        let task = self.course.task(self.now).expect("a task");
        assert_eq!((task.order, task.of), (order, of));
        self.now += seconds * SECOND;
        self.course.ran(task, well, false, self.now);
    }

    fn told(&mut self) -> Vec<(Phase, Option<u64>, u64)> {
        let changes = std::iter::from_fn(|| self.course.next_change());
        let told = changes.map(|of| (of.ramp.phase, of.value, of.ramp.ready));
        told.collect()
    }

    /// To where container 1 was checked.
    fn up_to_one(&mut self) {
        self.samples(2);
        self.run(Order::Step, 1, true, 3);
        self.run(Order::Ready, 1, true, 0);
        self.samples(5 + 2);
        self.run(Order::Ready, 1, true, 0);
    }
}

use Phase::{
    Ended, Finished, Held, Measured, Settle, Step as Begun, Undone, Wait, Window as Opened,
};

#[test]
fn one_container_after_the_other() {
    let mut ramp = Driven::new(RULES);
    ramp.up_to_one();
    let none = [
        (Opened, Some(0), 0),
        (Measured, Some(0), 0),
        (Held, Some(0), 0),
    ];
    let one = [
        (Begun, Some(1), 0),
        (Wait, Some(1), 0),
        (Settle, Some(1), 1),
        (Opened, Some(1), 1),
        (Measured, Some(1), 1),
        (Held, Some(1), 1),
        (Begun, Some(2), 1),
    ];
    assert_eq!(ramp.told(), [&none[..], &one].concat());
    ramp.run(Order::Step, 2, true, 0);
    // Not yet ready; asked again after a second, not before.
    ramp.run(Order::Ready, 2, false, 0);
    assert_eq!(ramp.course.task(ramp.now), None);
    assert_eq!(ramp.course.wakes_ns(), Some(ramp.now + SECOND));
    ramp.now += SECOND;
    ramp.run(Order::Ready, 2, true, 0);
    ramp.samples(7);
    ramp.run(Order::Ready, 1, true, 0);
    ramp.run(Order::Ready, 2, true, 0);
    assert_eq!(ramp.course.numbers(), (3, Some(2)));
}

#[test]
fn as_many_as_were_asked_for_are_undone_from_the_last_on() {
    let mut ramp = Driven::new(Rules { most: 1, ..RULES });
    ramp.up_to_one();
    assert_eq!(ramp.course.cause(), Some(Cause::Most));
    ramp.run(Order::Undo, 1, true, 1);
    assert!(ramp.course.is_finished());
    assert_eq!(
        ramp.told()[8..],
        [
            (Held, Some(1), 1),
            (Ended, Some(1), 1),
            (Undone, Some(1), 1),
            (Finished, Some(0), 1)
        ]
    );
}

#[test]
fn a_step_that_fails_is_undone_too_and_does_not_count() {
    let mut ramp = Driven::new(RULES);
    ramp.up_to_one();
    ramp.run(Order::Step, 2, false, 0);
    // The sample that follows may tell that memory ran out.
    assert_eq!(
        (ramp.course.cause(), ramp.course.task(ramp.now)),
        (None, None)
    );
    ramp.samples(1);
    assert_eq!(ramp.course.cause(), Some(Cause::StepFailed));
    assert_eq!(ramp.course.numbers(), (2, Some(1)));
    // One that fails does not stop the other.
    ramp.run(Order::Undo, 2, false, 0);
    ramp.run(Order::Undo, 1, false, 0);
    assert!(ramp.course.is_finished());
    // Container 2 may never have been there, and then nothing removes it.
    assert_eq!(ramp.course.left(), 1);
}

#[test]
fn one_that_is_not_ready_in_time() {
    let mut ramp = Driven::new(RULES);
    ramp.samples(2);
    ramp.run(Order::Step, 1, true, 40);
    ramp.run(Order::Ready, 1, false, 0);
    ramp.now += 18 * SECOND;
    let task = ramp.course.task(ramp.now).unwrap();
    assert_eq!(task.time_ns, 2 * SECOND, "of the step's 60 s");
    ramp.now += 2 * SECOND;
    ramp.course.ran(task, false, true, ramp.now);
    ramp.now += SECOND;
    ramp.run(Order::Undo, 1, true, 0);
    assert_eq!(ramp.course.cause(), Some(Cause::NotInTime));
    let mut hangs = Driven::new(RULES);
    hangs.samples(2);
    let task = hangs.course.task(hangs.now).unwrap();
    hangs.course.ran(task, false, true, hangs.now);
    hangs.samples(1);
    assert_eq!(hangs.course.cause(), Some(Cause::NotInTime));
}

#[test]
fn one_that_is_not_ready_any_more_is_asked_twice() {
    for (again, cause) in [(true, None), (false, Some(Cause::NotReady))] {
        let mut ramp = Driven::new(RULES);
        ramp.samples(2);
        ramp.run(Order::Step, 1, true, 0);
        ramp.run(Order::Ready, 1, true, 0);
        ramp.samples(7);
        ramp.run(Order::Ready, 1, false, 0);
        ramp.now += SECOND;
        ramp.run(Order::Ready, 1, again, 0);
        assert_eq!(ramp.course.cause(), cause);
        let told = ramp.told();
        let ended = told.iter().find(|(phase, ..)| *phase == Ended);
        assert_eq!(ended.copied(), cause.map(|_| (Ended, Some(0), 0)));
    }
}

#[test]
fn what_a_sample_ends_is_undone_whatever_runs() {
    let mut ramp = Driven::new(RULES);
    ramp.samples(2);
    let step = ramp.course.task(ramp.now).unwrap();
    ramp.course.end(Cause::Memory);
    ramp.course.end(Cause::Signal);
    assert_eq!(ramp.course.cause(), Some(Cause::Memory), "the first counts");
    // The step was killed.
    ramp.course.ran(step, false, false, ramp.now);
    ramp.run(Order::Undo, 1, true, 0);
    assert!(ramp.course.is_finished());
}

#[test]
fn before_the_first_window_is_over_nothing_counts() {
    let mut ramp = Driven::new(RULES);
    ramp.samples(1);
    ramp.course.end(Cause::Signal);
    assert!(ramp.course.is_finished());
    let told = ramp.told();
    assert_eq!(told[1..], [(Ended, None, 0), (Finished, Some(0), 0)]);
}

#[test]
fn a_window_lasts_until_its_probes_have_ended() {
    let mut ramp = Driven::new(Rules { probes: 2, ..RULES });
    ramp.course.sample(1, 1);
    ramp.samples(7);
    assert_eq!(ramp.course.task(ramp.now), None);
    ramp.course.sample(ramp.now, 1);
    let task = ramp.course.task(ramp.now).unwrap();
    assert_eq!((task.order, task.of), (Order::Step, 1));
}

#[test]
fn of_all_at_once_is_asked_once() {
    let mut ramp = Driven::new(Rules {
        asks_each: false,
        ..RULES
    });
    ramp.up_to_one();
    ramp.run(Order::Step, 2, true, 0);
    ramp.run(Order::Ready, 2, true, 0);
    ramp.samples(7);
    ramp.run(Order::Ready, 2, true, 0);
    assert_eq!(ramp.course.numbers(), (3, Some(2)));
}
