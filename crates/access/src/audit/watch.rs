//! How many entries a piece of work left, so that tests see work that leaves none.

use std::cell::Cell;

tokio::task_local! {
    static LEFT: Cell<u32>;
}

/// Does the work and says how many entries it left, those of tasks it spawned left out.
pub async fn watch<T>(work: impl Future<Output = T>) -> (T, u32) {
    let watched = async {
        let done = work.await;
        (done, LEFT.get().get())
    };
    LEFT.scope(Cell::new(0), watched).await
}

/// The work was done before, and left its entry then: only its answer is given again.
pub fn answered_before() {
    left();
}

pub(super) fn left() {
    // Nobody watches outside the site.
    LEFT.try_with(|left| left.set(left.get() + 1)).ok();
}
