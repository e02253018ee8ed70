//! Questions that come while others like them are being asked are asked together, in one statement.

use std::sync::{Mutex, PoisonError};

use tokio::sync::oneshot;

use crate::Refused;

/// How often a question is asked whose company failed or whose asker went away.
const TRIES: u32 = 3;

/// Questions of one kind, and whoever waits for the answers.
pub(crate) struct Together<Q, A> {
    waiting: Mutex<Vec<(Q, oneshot::Sender<A>)>>,
    /// Whoever has it asks for all that wait.
    turn: tokio::sync::Mutex<()>,
}

impl<Q, A> Default for Together<Q, A> {
    fn default() -> Together<Q, A> {
        Together {
            waiting: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }
}

impl<Q: Clone, A> Together<Q, A> {
    /// The answer to a question. `all` answers several in their order.
    ///
    /// # Errors
    /// Those of `all` for whoever asked; [`Refused::Busy`] when it was others who failed, again and again.
    pub(crate) async fn ask<F: Future<Output = Result<Vec<A>, Refused>>>(
        &self,
        question: Q,
        all: impl Fn(Vec<Q>) -> F,
    ) -> Result<A, Refused> {
        for _ in 0..TRIES {
            let mut answer = self.put(question.clone());
            let turn = tokio::select! {
                biased;
                told = &mut answer => match told {
                    Ok(told) => return Ok(told),
                    Err(_) => continue,
                },
                turn = self.turn.lock() => turn,
            };
            // It may have been asked by whoever had the turn before.
            match answer.try_recv() {
                Ok(told) => return Ok(told),
                Err(oneshot::error::TryRecvError::Closed) => continue,
                Err(oneshot::error::TryRecvError::Empty) => {}
            }
            let (questions, askers): (Vec<Q>, Vec<_>) = self.take().into_iter().unzip();
            let answers = all(questions).await?;
            drop(turn);
            for (asker, told) in askers.into_iter().zip(answers) {
                // It may have gone away.
                let _ = asker.send(told);
            }
            if let Ok(told) = answer.try_recv() {
                return Ok(told);
            }
        }
        Err(Refused::Busy)
    }

    fn put(&self, question: Q) -> oneshot::Receiver<A> {
        let (tell, answer) = oneshot::channel();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push((question, tell));
        answer
    }

    fn take(&self) -> Vec<(Q, oneshot::Sender<A>)> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut waiting)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Notify;
    use tokio::task::JoinSet;

    use super::*;

    #[tokio::test]
    async fn those_that_come_meanwhile_are_asked_together_and_each_gets_its_own_answer() {
        static STATEMENTS: AtomicUsize = AtomicUsize::new(0);
        static GO: Notify = Notify::const_new();
        async fn doubled(questions: Vec<u32>) -> Result<Vec<u32>, Refused> {
            if STATEMENTS.fetch_add(1, Ordering::SeqCst) == 0 {
                GO.notified().await;
            }
            Ok(questions.into_iter().map(|it| it * 2).collect())
        }
        let together: &'static Together<u32, u32> = Box::leak(Box::default());
        let mut asking = JoinSet::new();
        for number in 0..100 {
            asking.spawn(async move { (number, together.ask(number, doubled).await.ok()) });
        }
        while together.waiting.lock().expect("not poisoned").len() < 99 {
            tokio::task::yield_now().await;
        }
        GO.notify_one();
        while let Some(asked) = asking.join_next().await {
            let (number, answer) = asked.expect("no panic");
            assert_eq!(answer, Some(number * 2));
        }
        assert_eq!(STATEMENTS.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn who_is_left_alone_asks_again() {
        let together: &'static Together<u32, u32> = Box::leak(Box::default());
        let gone = tokio::spawn(together.ask(1, |_| std::future::pending()));
        while together.turn.try_lock().is_ok() {
            tokio::task::yield_now().await;
        }
        let other = tokio::spawn(together.ask(2, async |them| Ok(them)));
        tokio::task::yield_now().await;
        gone.abort();
        assert_eq!(other.await.expect("no panic").ok(), Some(2));
    }
}
