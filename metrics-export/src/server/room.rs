//! Room for connections: who is there, at what, and since when.
//!
//! A server has so many places. When one more connection comes, the place is taken of the one that has been waiting for
//! longest for its client to say something, and if there is none, of the one whose client has taken longest to read its
//! response. Those whose response is being put together keep theirs; where that is everybody, the one that came first ends
//! after its response, and another one with each second.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// For how long a connection without a request is kept, while there is room.
const IDLE: Duration = Duration::from_secs(300);
/// A response that has been on its way for less is not cut off for somebody else.
const COURTESY: Duration = Duration::from_secs(1);

/// How often who waits for a place looks whether there is one.
pub(super) const LOOK: Duration = Duration::from_millis(5);

/// What a connection is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// It came, and said nothing.
    New,
    /// A request has begun to come.
    Reading,
    /// A response is put together.
    Rendering,
    /// It is on its way.
    Writing,
    /// It was taken, and the next request has not begun.
    Idle,
}

/// What a connection is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// To end after the response that is at work.
    End,
    /// To end now: another one has its place.
    Leave,
    /// To end, as it is at what it is at for too long.
    Late,
}

/// All places.
#[derive(Debug, Default)]
pub(super) struct Room {
    places: RefCell<BTreeMap<u64, Rc<Seat>>>,
    next: Cell<u64>,
}

/// What is known of one connection.
#[derive(Debug)]
pub(super) struct Seat {
    phase: Cell<Phase>,
    since: Cell<Instant>,
    told: Cell<Option<Told>>,
    /// It gives its place away after the response at hand.
    is_ending: Cell<bool>,
    /// Something of the above has changed.
    changed: Notify,
}

/// A connection's place, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    seat: Rc<Seat>,
    number: u64,
    room: Weak<Room>,
}

impl Room {
    /// A place among at most `max`; None where everybody else is being served.
    pub(super) fn enter(self: &Rc<Room>, max: usize) -> Option<Place> {
        if self.places.borrow().len() >= max && !self.spare(Duration::ZERO) {
            return None;
        }
        let mut places = self.places.borrow_mut();
        let number = self.next.get();
        self.next.set(number + 1);
        let seat = Rc::new(Seat {
            phase: Cell::new(Phase::New),
            since: Cell::new(Instant::now()),
            told: Cell::new(None),
            is_ending: Cell::new(false),
            changed: Notify::new(),
        });
        places.insert(number, Rc::clone(&seat));
        Some(Place { seat, number, room: Rc::downgrade(self) })
    }

    /// As [`enter`](Room::enter), when there is a place. Who waits for one has the next, and sees to it that there will be one:
    /// a client may always have a next request ready.
    pub(super) async fn enter_in_turn(self: &Rc<Room>, max: usize) -> Place {
        let mut next_end = Instant::now();
        loop {
            if let Some(place) = self.enter(max) {
                return place;
            }
            if Instant::now() >= next_end {
                self.end_one();
                next_end += COURTESY;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Takes the place of who can be done without most easily; false where that is nobody. A request that is to come, or has begun
    /// to, has `grace` for that.
    pub(super) fn spare(&self, grace: Duration) -> bool {
        let mut places = self.places.borrow_mut();
        let number = self.expendable(&places, Instant::now(), grace);
        let seat = number.and_then(|number| places.remove(&number));
        seat.inspect(|seat| seat.tell(Told::Leave)).is_some()
    }

    /// Who can be done without most easily.
    fn expendable(
        &self,
        places: &BTreeMap<u64, Rc<Seat>>,
        now: Instant,
        grace: Duration,
    ) -> Option<u64> {
        let candidates = places.iter().filter_map(|(number, seat)| {
            let since = seat.since.get();
            let rank = match seat.phase.get() {
                Phase::Idle => 0,
                Phase::New | Phase::Reading if now.duration_since(since) >= grace => 0,
                Phase::New | Phase::Reading => return None,
                Phase::Writing if now.duration_since(since) > COURTESY => 1,
                Phase::Writing | Phase::Rendering => return None,
            };
            Some((rank, since, *number))
        });
        candidates.min().map(|(_, _, number)| number)
    }

    /// Tells the one that came first, of those not told yet, to end after its response.
    fn end_one(&self) {
        let places = self.places.borrow();
        if let Some(seat) = places.values().find(|seat| !seat.is_ending.replace(true)) {
            seat.tell(Told::End);
        }
    }

    /// Tells everybody to end.
    pub(super) fn close(&self) {
        for seat in self.places.borrow().values() {
            seat.tell(Told::End);
        }
    }
}

impl Seat {
    /// Is at something else from now on.
    pub(super) fn enter(&self, phase: Phase) {
        self.phase.set(phase);
        self.since.set(Instant::now());
        self.changed.notify_one();
    }

    pub(super) fn phase(&self) -> Phase {
        self.phase.get()
    }

    fn tell(&self, told: Told) {
        self.told.set(Some(told));
        self.changed.notify_one();
    }
}

impl Place {
    pub(super) fn seat(&self) -> Rc<Seat> {
        Rc::clone(&self.seat)
    }

    /// Waits until the connection is told something, or is at what it is at for too long.
    pub(super) async fn told(&self, request: Duration) -> Told {
        loop {
            if let Some(told) = self.seat.told.take() {
                return told;
            }
            let patience = match self.seat.phase.get() {
                Phase::New | Phase::Reading | Phase::Writing => Some(request),
                Phase::Idle => Some(IDLE),
                // That is ours to end, and nobody waits for it but its client.
                Phase::Rendering => None,
            };
            let Some(patience) = patience else {
                self.seat.changed.notified().await;
                continue;
            };
            let deadline = self.seat.since.get() + patience;
            let changed = tokio::time::timeout_at(deadline, self.seat.changed.notified()).await;
            if changed.is_err() {
                return Told::Late;
            }
        }
    }

    /// Waits until another connection has the place.
    pub(super) async fn needed(&self) {
        while self.seat.told.take() != Some(Told::Leave) {
            self.seat.changed.notified().await;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(room) = self.room.upgrade() {
            room.places.borrow_mut().remove(&self.number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_longest_makes_room() {
        let room = Rc::new(Room::default());
        let mut places = Vec::new();
        for phase in [Phase::Rendering, Phase::Writing, Phase::Reading, Phase::Idle] {
            let place = room.enter(4).unwrap();
            place.seat().enter(phase);
            places.push(place);
            tokio::time::advance(Duration::from_millis(200)).await;
        }
        let left = |place: &Place| place.seat.told.get() == Some(Told::Leave);
        // The one that is reading, and then the idle one, though both came later than the others.
        let fifth = room.enter(4).unwrap();
        assert_eq!(places.iter().map(left).collect::<Vec<_>>(), [false, false, true, false]);
        fifth.seat().enter(Phase::Rendering);
        let sixth = room.enter(4).unwrap();
        assert_eq!(places.iter().map(left).collect::<Vec<_>>(), [false, false, true, true]);
        sixth.seat().enter(Phase::Rendering);
        // A response has been on its way for 0.6 s: nobody can be done without.
        assert!(room.enter(4).is_none());
        tokio::time::advance(Duration::from_secs(1)).await;
        let seventh = room.enter(4).unwrap();
        assert_eq!(places.iter().map(left).collect::<Vec<_>>(), [false, true, true, true]);
        drop((fifth, sixth, seventh));
        drop(places);
        assert!(room.places.borrow().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_has_its_grace_and_who_is_idle_none() {
        let room = Rc::new(Room::default());
        let grace = Duration::from_millis(100);
        let (new, idle) = (room.enter(2).unwrap(), room.enter(2).unwrap());
        idle.seat().enter(Phase::Idle);
        let left = |place: &Place| place.seat.told.get() == Some(Told::Leave);
        assert!(room.spare(grace));
        assert_eq!([left(&new), left(&idle)], [false, true]);
        assert!(!room.spare(grace));
        tokio::time::advance(grace).await;
        assert!(room.spare(grace) && left(&new));
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_ends_one_each_second_from_the_first_on() {
        let room = Rc::new(Room::default());
        let places: Vec<Place> = (0..3).map(|_| room.enter(3).unwrap()).collect();
        places.iter().for_each(|place| place.seat().enter(Phase::Rendering));
        let ending = || places.iter().filter(|place| place.seat.is_ending.get()).count();
        let wait = |milliseconds| {
            tokio::time::timeout(Duration::from_millis(milliseconds), room.enter_in_turn(3))
        };
        assert!(wait(500).await.is_err());
        assert_eq!((ending(), places[0].seat.told.get()), (1, Some(Told::End)));
        assert!(wait(1_500).await.is_err());
        assert_eq!(ending(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn each_phase_has_its_patience() {
        let room = Rc::new(Room::default());
        let place = room.enter(1).unwrap();
        let request = Duration::from_secs(10);
        for (phase, patience) in
            [(Phase::New, 10), (Phase::Reading, 10), (Phase::Writing, 10), (Phase::Idle, 300)]
        {
            place.seat().enter(phase);
            let began = Instant::now();
            assert_eq!(place.told(request).await, Told::Late, "{phase:?}");
            assert_eq!(began.elapsed().as_secs(), patience, "{phase:?}");
        }
        place.seat().enter(Phase::Rendering);
        let long = Duration::from_secs(86_400);
        assert!(tokio::time::timeout(long, place.told(request)).await.is_err());
        room.close();
        assert_eq!(place.told(request).await, Told::End);
    }
}
