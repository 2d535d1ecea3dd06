//! The order of routes of IPv4 that lead to the same place, of which the kernel takes the
//! first: a new one comes behind the others.

use super::object::Object;
use super::plan::Change;
use super::state::State;

impl State {
    /// The place of a route among those that lead where it does.
    fn place(&self, route: &Object) -> Option<usize> {
        let asked = route.asked();
        let mut all = self.routes.iter().filter(|other| other.is_beside(route));
        all.position(|other| other.asked() == asked)
    }
}

impl Change {
    /// Whether another interface's route stands before one that the kernel has made for this
    /// one, and is to stand behind it. What is to be the first is made anew itself.
    pub(super) fn is_overtaking(&self, route: &Object, target: &State, now: &State) -> bool {
        let mut own = target.routes.iter().filter(|own| {
            own.is_the_kernels() && own.is_beside(route) && own.concerns(self.index, self.pair())
        });
        let places = |of: &Object| Some((target.place(of)?, now.place(of)?));
        own.any(|own| match (places(own), places(route)) {
            (Some((own @ 1.., own_now)), Some((other, other_now))) => {
                own < other && other_now < own_now
            }
            _ => false,
        })
    }
}
