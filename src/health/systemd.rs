//! What systemd is told: ready, still alive, status line, stopping. Outside systemd all of it does nothing.
//! The watchdog is fed only while the heart of the daemon answers: a process that merely exists is not alive.

use sd_notify::NotifyState;
use std::future::Future;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval, timeout};

/// Start-up is done: doors are heard, the screen is lit.
pub fn ready() {
    tell(&[NotifyState::Ready]);
}

/// It begins anew under the same process id: not stopping, and ready again soon.
pub fn reloading() {
    tell(&[NotifyState::Reloading]);
}

pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Start-up takes so long, at the most: systemd waits.
pub fn needs(time: Duration) {
    tell(&[NotifyState::ExtendTimeoutUsec(u32::try_from(time.as_micros()).unwrap_or(u32::MAX))]);
}

/// One line for `systemctl status`.
pub fn status(words: &str) {
    tell(&[NotifyState::Status(&words.replace('\n', " "))]);
}

/// How long systemd waits for a sign of life; `None` where it does not watch this process.
pub fn watchdog_interval() -> Option<Duration> {
    let mut microseconds = 0;
    let watched = sd_notify::watchdog_enabled(false, &mut microseconds);
    (watched && microseconds > 0).then(|| Duration::from_micros(microseconds))
}

/// Feeds the watchdog at half its interval, for as long as `alive` answers true within a quarter of it; runs for ever,
/// and ends at once where systemd does not watch. `alive` should ask the desk: when the desk hangs, so does the lobby,
/// and systemd is right to restart it. What was acknowledged is on disk.
pub async fn feed_watchdog<F: Future<Output = bool>>(alive: impl FnMut() -> F) {
    if let Some(limit) = watchdog_interval() {
        feed(limit, alive, || tell(&[NotifyState::Watchdog])).await;
    }
}

async fn feed<F: Future<Output = bool>>(limit: Duration, mut alive: impl FnMut() -> F, mut sign: impl FnMut()) {
    let mut beat = interval(limit / 2);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        match timeout(limit / 4, alive()).await {
            Ok(true) => sign(),
            _ => tracing::error!("the desk does not answer; systemd will restart lobbyd if this goes on"),
        }
    }
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(false, state) {
        tracing::warn!(%error, "systemd cannot be told");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    async fn signs(alive: impl AsyncFn(usize) -> bool) -> usize {
        let (asked, signed) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let ask = || {
            let nth = asked.fetch_add(1, Ordering::Relaxed);
            let alive = &alive;
            async move { alive(nth).await }
        };
        let feeding = feed(Duration::from_millis(8), ask, || _ = signed.fetch_add(1, Ordering::Relaxed));
        let enough = async {
            while asked.load(Ordering::Relaxed) < 4 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::select! {
            () = feeding => {}
            () = enough => {}
        }
        signed.into_inner()
    }

    #[tokio::test]
    async fn a_living_desk_feeds_the_watchdog() {
        assert!(signs(async |_| true).await >= 3);
    }

    #[tokio::test]
    async fn a_desk_that_hangs_or_refuses_starves_it() {
        assert_eq!(signs(async |_| std::future::pending().await).await, 0);
        assert_eq!(signs(async |nth| nth == 0).await, 1);
    }
}
