//! Questions that come while others like them are being asked are asked together, in one statement.

use std::sync::{Mutex, PoisonError};

use tokio::sync::oneshot;

use crate::Refused;

/// Questions of one kind, and whoever waits for the answers.
pub(crate) struct Together<Q, A> {
    waiting: Mutex<Vec<(Q, oneshot::Sender<A>)>>,
    /// Whoever has it asks for those that wait.
    turn: tokio::sync::Mutex<()>,
}

/// An answer, and who asked for it.
pub(crate) struct Answered<A> {
    pub(crate) answer: A,
    /// Somebody else asked, in the same go.
    pub(crate) by_another: bool,
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
    /// The answer to a question, asked with all that wait. `all` answers several in their order; what they
    /// cannot be told together each is told alone.
    ///
    /// # Errors
    /// Those of `all` for this question alone.
    pub(crate) async fn ask<F: Future<Output = Result<Vec<A>, Refused>>>(
        &self,
        question: Q,
        all: impl Fn(Vec<Q>) -> F,
    ) -> Result<A, Refused> {
        let with = (|_: &Q| true, usize::MAX);
        let at_once = || std::future::ready(());
        let answered = self.ask_with(question, with, at_once, all).await?;
        Ok(answered.answer)
    }

    /// As [`Together::ask`], with those that fit and no more of them than so many, once it is `ready`: what
    /// that gives is held while they are asked.
    ///
    /// # Errors
    /// Those of `all` for this question alone.
    pub(crate) async fn ask_with<R: Future, F: Future<Output = Result<Vec<A>, Refused>>>(
        &self,
        question: Q,
        with: (impl Fn(&Q) -> bool, usize),
        ready: impl Fn() -> R,
        all: impl Fn(Vec<Q>) -> F,
    ) -> Result<Answered<A>, Refused> {
        let mut answer = self.put(question.clone());
        let turn = self.turn.lock();
        tokio::pin!(turn);
        let _turn = tokio::select! {
            biased;
            told = &mut answer => match told {
                Ok(answer) => return Ok(Answered { answer, by_another: true }),
                Err(_) => turn.await,
            },
            turn = &mut turn => turn,
        };
        let mut by_another = true;
        loop {
            // Also before its own answer is looked at: who has just asked for many lets others have their turn
            // before the next of this kind.
            let _ready = ready().await;
            match answer.try_recv() {
                Ok(answer) => return Ok(Answered { answer, by_another }),
                // Who asked for it went away or failed with others: it is asked alone.
                Err(oneshot::error::TryRecvError::Closed) => {
                    let answer = all(vec![question]).await?.pop();
                    let nothing = || Refused::Inconsistent("a question without answer".to_owned());
                    return Ok(Answered {
                        answer: answer.ok_or_else(nothing)?,
                        by_another: false,
                    });
                }
                Err(oneshot::error::TryRecvError::Empty) => {}
            }
            let (questions, askers): (Vec<Q>, Vec<_>) = self.take(&with).into_iter().unzip();
            by_another = false;
            let answers = match all(questions).await {
                Ok(answers) => answers,
                Err(refused) if askers.len() == 1 => return Err(refused),
                Err(_) => continue,
            };
            for (asker, told) in askers.into_iter().zip(answers) {
                // It may have gone away.
                let _ = asker.send(told);
            }
        }
    }

    fn put(&self, question: Q) -> oneshot::Receiver<A> {
        let (tell, answer) = oneshot::channel();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push((question, tell));
        answer
    }

    /// Those that fit, in their order. Whose asker has gone away is taken all the same: it was asked.
    fn take(&self, with: &(impl Fn(&Q) -> bool, usize)) -> Vec<(Q, oneshot::Sender<A>)> {
        let (fits, mut room) = (&with.0, with.1);
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = |it: &mut (Q, _)| {
            let taken = room > 0 && fits(&it.0);
            room -= usize::from(taken);
            taken
        };
        waiting.extract_if(.., taken).collect()
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
