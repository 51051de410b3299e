//! What the page shows: the newest messages of the building and the newest events at the office, and a line on which
//! more come. A page opened later is told what has been; a page that is slow is told to begin again.

use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast;

/// Events that a page opened later still sees; more than anybody scrolls through.
const KEPT: usize = 200;
/// Messages of the building: the strip shows a handful.
const HEARD: usize = 8;
/// Ids by which a repeat is recognised. A crash repeats at most a window of the newest.
const IDS: usize = 10_000;
/// News that a slow page may lag behind.
const LAG: usize = 256;

pub struct Arrivals {
    past: Mutex<Past>,
    news: broadcast::Sender<News>,
}

/// One server-sent event.
#[derive(Debug, Clone)]
pub struct News {
    pub name: &'static str,
    pub data: String,
}

#[derive(Serialize)]
struct Shown<'a> {
    n: u64,
    repeated: bool,
    topic: &'a str,
    event: &'a RawValue,
}

#[derive(Default)]
struct Past {
    events: VecDeque<News>,
    heard: VecDeque<News>,
    status: Option<News>,
    count: u64,
    ids: HashSet<String>,
    order: VecDeque<String>,
}

impl Default for Arrivals {
    fn default() -> Self {
        Arrivals { past: Mutex::default(), news: broadcast::channel(LAG).0 }
    }
}

impl Arrivals {
    /// An event at the office: counted once, however often it comes (`source` and `id` say so). It is shown as it
    /// came, its members in their order.
    pub fn event(&self, topic: &str, event: &RawValue) {
        let known: Value = serde_json::from_str(event.get()).unwrap_or_default();
        let text = |key: &str| known.get(key).and_then(Value::as_str).unwrap_or_default();
        let mut past = self.past();
        let repeated = !past.remember(format!("{} {}", text("source"), text("id")));
        past.count += u64::from(!repeated);
        let shown = serde_json::to_string(&Shown { n: past.count, repeated, topic, event });
        // Server-sent events know no carriage return; in JSON it can only stand between things.
        let data = shown.expect("numbers, texts and JSON can be written as JSON").replace('\r', " ");
        let news = News { name: "event", data };
        if !repeated {
            keep(&mut past.events, news.clone(), KEPT);
        }
        self.tell(news);
    }

    /// The gateway's status document.
    pub fn status(&self, status: &RawValue) {
        let news = News { name: "status", data: status.get().replace('\r', " ") };
        self.past().status = Some(news.clone());
        self.tell(news);
    }

    /// A message that a device of the building has sent.
    pub fn heard(&self, product: &str, topic: &str, payload: &str) {
        let data = json!({"product": product, "topic": topic, "payload": payload}).to_string();
        let news = News { name: "heard", data };
        keep(&mut self.past().heard, news.clone(), HEARD);
        self.tell(news);
    }

    /// What has been, oldest first, and the line on which more comes: nothing is missing between them.
    pub fn watch(&self) -> (Vec<News>, broadcast::Receiver<News>) {
        let past = self.past();
        let begin = News { name: "begin", data: "{}".into() };
        let known = past.status.iter().chain(&past.heard).chain(&past.events).cloned();
        (std::iter::once(begin).chain(known).collect(), self.news.subscribe())
    }

    /// Nobody looking is no fault.
    fn tell(&self, news: News) {
        drop(self.news.send(news));
    }

    fn past(&self) -> MutexGuard<'_, Past> {
        self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Past {
    /// False where the id is known.
    fn remember(&mut self, id: String) -> bool {
        if !self.ids.insert(id.clone()) {
            return false;
        }
        self.order.push_back(id);
        if self.order.len() > IDS
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
        true
    }
}

fn keep(list: &mut VecDeque<News>, news: News, limit: usize) {
    list.push_back(news);
    if list.len() > limit {
        list.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: &str) -> Box<RawValue> {
        let text =
            format!(r#"{{"type":"lobbyd.visit.arrived", "source":"/lobby/riverside/lobby-1",{}"id":"{id}"}}"#, "\r\n");
        RawValue::from_string(text).unwrap()
    }

    #[test]
    fn an_event_that_comes_twice_counts_once() {
        let arrivals = Arrivals::default();
        for id in ["a", "b", "a"] {
            arrivals.event("lobby/v1/riverside/lobby-1/event/lobby/visit.arrived", &event(id));
        }
        let (past, _) = arrivals.watch();
        let counts: Vec<Value> = past[1..].iter().map(|news| serde_json::from_str(&news.data).unwrap()).collect();
        assert_eq!(counts.len(), 2);
        assert_eq!(counts[1].get("n").and_then(Value::as_u64), Some(2));
        assert!(!past[1].data.contains('\r'), "it could not be sent to the page");
    }

    #[test]
    fn a_page_opened_later_sees_the_newest_and_then_what_comes() {
        let arrivals = Arrivals::default();
        for number in 0..KEPT + 50 {
            arrivals.event("t", &event(&number.to_string()));
        }
        let (past, mut next) = arrivals.watch();
        assert_eq!(past.len(), 1 + KEPT);
        arrivals.heard("esp-rfid", "/rfid/send", "{}");
        assert_eq!(next.try_recv().unwrap().name, "heard");
    }
}
