//! The escape hatch of a rule: a jq program that takes one payload apart into its facts (two doors in one swipe,
//! several key presses in one message). It sees the payload and the topic's segments and nothing else: no clock, no
//! environment, no files. It must always end: a program of a site's own may loop for ever, and a daemon that hangs
//! or dies on one message hangs again on its redelivery.
//!
//! jaq has no fuel and no limit on depth. The one thing of ours that it touches at every step is the context's data,
//! which it clones; so [`Meter`] counts in `clone` and, when the tank is empty or the stack too deep, unwinds to
//! [`Program::run`]. That is deterministic and needs no clock. jaq also reads, prints and drops values by recursion, some
//! kilobytes a level, and a stack that overflows ends the process: so a program runs on a thread with a stack for the
//! deepest value that its steps can build. What is not bounded is the memory of one step: a program that doubles a text
//! forty times exhausts it; do not write one.

use super::doc::Doc;
use super::unread::MAX_DEPTH;
use jaq_core::data::HasLut;
use jaq_core::load::{Arena, File, Loader};
use jaq_core::native::Fun;
use jaq_core::{Compiler, Ctx, DataT, Error, Exn, Filter, Lut, Native, ValX, ValXs, Vars, box_iter, unwrap_valr};
use jaq_json::{Val, read};
use serde_json::Value;
use std::any::Any;
use std::cell::Cell;
use std::panic::resume_unwind;

/// Longest program, in bytes. The longest built-in one has a fifth of that.
pub const MAX_PROGRAM: usize = 4096;

/// Deepest brackets in a program: one turn of a loop can nest a value by that much. A built-in program has five.
const MAX_BRACKETS: usize = 12;

/// Steps before a run is given up. A step is one call or branch; a built-in program takes about forty for one fact.
const MAX_STEPS: u32 = 5_000;

/// Stack of the thread that a program runs on, in bytes. A turn of the shortest loop takes eleven steps, so a value has
/// 5,500 levels at most; printing one took 2 KB a level, unoptimised. Only what is used costs memory.
const STACK: usize = 64 * 1024 * 1024;

/// Of that, for calls within calls.
const MAX_CALLS: usize = STACK / 4;

/// Largest single output, in bytes of JSON. A fact has a few hundred.
const MAX_OUTPUT: usize = 64 * 1024;

/// The variable that holds the topic's named segments as an object.
const TOPIC: &str = "$topic";

/// jaq's own `range` is a native loop that takes no step; this one does.
const RANGE: &str = "def range($from; $to; $by):
  def up: if . < $to then ., (. + $by | up) else ({}[] as $x | .) end;
  def down: if . > $to then ., (. + $by | down) else ({}[] as $x | .) end;
  $from | if $by > 0 then up elif $by < 0 then down else ({}[] as $x | .) end;";

/// Functions that reach outside the payload or end the process.
const FORBIDDEN: [&str; 9] =
    ["halt", "env", "now", "localtime", "strflocaltime", "debug_empty", "stderr_empty", "input", "inputs"];

/// A compiled program.
pub struct Program {
    filter: Filter<Metered>,
}

impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Program")
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JqError {
    #[error("the jq program is longer than {MAX_PROGRAM} bytes")]
    TooLong,
    #[error("the brackets of the jq program nest deeper than {MAX_BRACKETS}")]
    Brackets,
    #[error("jq cannot read the program near \"{0}\"")]
    Syntax(String),
    #[error("jq knows no {0}")]
    Undefined(String),
    #[error("the jq program took more than {MAX_STEPS} steps")]
    Steps,
    #[error("the jq program nests its calls too deep")]
    Depth,
    #[error("the jq program gave more than {0} results")]
    Outputs(usize),
    #[error("a result of the jq program is longer than {MAX_OUTPUT} bytes")]
    Output,
    #[error("there is no memory for the stack of the jq program")]
    NoStack,
    /// The error's own words may hold parts of the payload, so they are not repeated.
    #[error("the jq program failed on this payload")]
    Failed,
}

impl Program {
    pub fn compile(code: &str) -> Result<Self, JqError> {
        if code.len() > MAX_PROGRAM {
            return Err(JqError::TooLong);
        }
        if nesting(code.as_bytes()) > MAX_BRACKETS {
            return Err(JqError::Brackets);
        }
        on_deep_stack(|| Self::compile_here(code))
    }

    fn compile_here(code: &str) -> Result<Self, JqError> {
        let range = jaq_core::load::parse(RANGE, |parser| parser.defs()).expect("our own definition parses");
        let defs = range.into_iter().chain(jaq_core::defs()).chain(jaq_std::defs()).chain(jaq_json::defs());
        let arena = Arena::default();
        let modules =
            Loader::new(defs).load(&arena, File { code, path: () }).map_err(|errors| syntax(&errors, code))?;
        let filter = Compiler::default().with_funs(functions()).with_global_vars([TOPIC]).compile(modules).map_err(
            |errors| {
                let first = errors.into_iter().flat_map(|(_, errors)| errors).next();
                JqError::Undefined(first.map_or_else(String::new, |(name, kind)| format!("{} {name}", kind.as_str())))
            },
        )?;
        Ok(Program { filter })
    }

    /// All results of the program on this payload, at most `limit`.
    pub fn run(&self, payload: &Doc<'_>, topic: &Doc<'_>, limit: usize) -> Result<Vec<Value>, JqError> {
        on_deep_stack(|| self.run_here(payload, topic, limit))
    }

    fn run_here(&self, payload: &Doc<'_>, topic: &Doc<'_>, limit: usize) -> Result<Vec<Value>, JqError> {
        let (payload, topic) = (to_jq(payload)?, to_jq(topic)?);
        let tank = Tank { steps: Cell::new(MAX_STEPS), bottom: here() };
        let meter = Meter { lut: &self.filter.lut, tank: &tank };
        let context = Ctx::<Metered>::new(meter, Vars::new([topic]));
        let mut parts = Vec::new();
        for result in self.filter.id.run((context, payload)).map(unwrap_valr) {
            if parts.len() == limit {
                return Err(JqError::Outputs(limit));
            }
            parts.push(from_jq(&result.map_err(|_| JqError::Failed)?)?);
        }
        Ok(parts)
    }
}

/// Runs `work` to its end on a thread of its own. A limit that was reached comes back as its error, and so does a panic of
/// jaq: it must not end the daemon, for the broker would send the message again after the restart.
fn on_deep_stack<T: Send>(work: impl FnOnce() -> Result<T, JqError> + Send) -> Result<T, JqError> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("jq".into()).stack_size(STACK);
        let running = thread.spawn_scoped(scope, work).map_err(|_| JqError::NoStack)?;
        let stopped = |panic: Box<dyn Any + Send>| panic.downcast::<JqError>().map_or(JqError::Failed, |limit| *limit);
        running.join().unwrap_or_else(|panic| Err(stopped(panic)))
    })
}

/// How deep the brackets of a text nest. Brackets within strings count too.
fn nesting(text: &[u8]) -> usize {
    let (mut open, mut deepest) = (0_usize, 0);
    for byte in text {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(open);
    }
    deepest
}

/// What a run may still use.
struct Tank {
    steps: Cell<u32>,
    bottom: usize,
}

impl Tank {
    fn step(&self) {
        let left = self.steps.get();
        // Not `panic!`: unwinding this way calls no panic hook and prints nothing.
        if left == 0 {
            resume_unwind(Box::new(JqError::Steps));
        }
        if self.bottom.abs_diff(here()) > MAX_CALLS {
            resume_unwind(Box::new(JqError::Depth));
        }
        self.steps.set(left - 1);
    }
}

/// About where the stack ends now.
#[inline(never)]
fn here() -> usize {
    let mark = 0u8;
    std::hint::black_box(&raw const mark).addr()
}

/// Tells jaq to run with [`Meter`] as the context's data.
struct Metered;

impl DataT for Metered {
    type V<'a> = Val;
    type Data<'a> = Meter<'a>;
}

struct Meter<'a> {
    lut: &'a Lut<Metered>,
    tank: &'a Tank,
}

impl Clone for Meter<'_> {
    fn clone(&self) -> Self {
        self.tank.step();
        Meter { lut: self.lut, tank: self.tank }
    }
}

impl<'a> HasLut<'a, Metered> for Meter<'a> {
    fn lut(&self) -> &'a Lut<Metered> {
        self.lut
    }
}

fn functions() -> impl Iterator<Item = Fun<Metered>> {
    let all = jaq_core::funs().filter(|(name, ..)| *name != "range").chain(jaq_std::funs()).chain(jaq_json::funs());
    all.map(|(name, arguments, run)| {
        let run = match name {
            "fromjson" => Native::new(|(_, text)| box_iter::box_once(read_json(&text))),
            name if FORBIDDEN.contains(&name) => Native::new(|_| refuse()),
            _ => run,
        };
        (name, arguments, run)
    })
}

/// jaq's own reader recurses as deep as the text nests: 5,000 brackets in a payload's string ended the process.
fn read_json<'a>(text: &Val) -> ValX<'a, Val> {
    let bytes = jaq_std::ValT::as_bytes(text).filter(|bytes| nesting(bytes) <= MAX_DEPTH);
    let value = bytes.and_then(|bytes| read::parse_single(bytes).ok());
    value.ok_or_else(|| Exn::from(Error::str("this is no JSON that a profile can read")))
}

fn refuse<'a>() -> ValXs<'a, Val> {
    box_iter::box_once(Err(Exn::from(Error::str("a profile has no access to that"))))
}

fn syntax(errors: &jaq_core::load::Errors<&str, ()>, code: &str) -> JqError {
    use jaq_core::load::Error;
    let near = errors.iter().flat_map(|(_, error)| match error {
        Error::Lex(found) => found.iter().map(|(_, at)| *at).collect::<Vec<_>>(),
        Error::Parse(found) => found.iter().map(|(_, at)| *at).collect(),
        Error::Io(_) => Vec::new(),
    });
    let near = near.map(|at| at.lines().next().unwrap_or_default()).next().unwrap_or_default();
    JqError::Syntax(if near.is_empty() { format!("the end of {}", last_line(code)) } else { near.to_owned() })
}

fn last_line(code: &str) -> &str {
    code.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().trim()
}

fn to_jq(doc: &Doc<'_>) -> Result<Val, JqError> {
    read::parse_single(doc.to_string().as_bytes()).map_err(|_| JqError::Failed)
}

fn from_jq(value: &Val) -> Result<Value, JqError> {
    let text = value.to_string();
    if text.len() > MAX_OUTPUT {
        return Err(JqError::Output);
    }
    serde_json::from_str(&text).map_err(|_| JqError::Failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn run(code: &str, payload: Value) -> Result<Vec<Value>, JqError> {
        Program::compile(code)?.run(&payload.into(), &json!({"device": "front"}).into(), 8)
    }

    #[test]
    fn a_program_takes_a_payload_apart() {
        let zip = "range(0; .doors | length) as $i | {door: .doors[$i], said: .said[$i]}";
        assert_eq!(
            run(zip, json!({"doors": ["a", "b"], "said": [1, 2]})),
            Ok(vec![json!({"door": "a", "said": 1}), json!({"door": "b", "said": 2})])
        );
        assert_eq!(run("$topic.device", json!(null)), Ok(vec![json!("front")]));
    }

    #[test]
    fn a_number_beyond_64_bits_comes_through_whole() {
        let number: Value = serde_json::from_str("340282366920938463463374607431768211456").unwrap();
        assert_eq!(run(".", number.clone()), Ok(vec![number]));
    }

    #[test]
    fn a_program_that_never_ends_is_stopped() {
        for code in [
            "def f: f; f",
            "def f: f, f; [f]",
            "repeat(.)",
            "[repeat(1)]",
            "last(range(1; 1e12))",
            "[range(1e12)]",
            "until(false; .)",
            "reduce repeat(1) as $x (0; . + $x)",
            "first(repeat(1) | select(. == 2))",
            "[limit(1000000000; repeat(1))] | length",
            "path(repeat(.))",
            "[.[] |= repeat(.)]",
            "isempty(repeat(empty))",
            "range(0; 100; 0)",
        ] {
            let done = run(code, json!([1]));
            assert!(
                matches!(done, Err(JqError::Steps | JqError::Depth | JqError::Outputs(_)))
                    || code == "range(0; 100; 0)",
                "{code}: {done:?}"
            );
        }
    }

    #[test]
    fn a_program_that_calls_itself_too_deep_is_stopped_before_the_stack_ends() {
        for code in
            ["def f: 1 + f; f", "def f: [f]; f", "def f: f | f; f", "def f: {a: f}; f", "def f: f as $x | $x; f"]
        {
            assert!(matches!(run(code, json!(1)), Err(JqError::Depth | JqError::Steps)), "{code}");
        }
    }

    #[test]
    fn the_deepest_value_is_built_printed_and_dropped_without_harm() {
        for turns in [400, 450, 100_000] {
            for after in ["", "| tojson | length", "| [..] | length", "| . == .", "| flatten", "| tojson | fromjson"] {
                // Anything but the end of the process.
                let _ = run(&format!("reduce range(0; {turns}) as $x (null; [[[[[[[[[[.]]]]]]]]]]){after}"), json!(1));
            }
        }
        assert_eq!(run(&format!("{}.{}", "[".repeat(13), "]".repeat(13)), json!(1)), Err(JqError::Brackets));
        for (words, end) in [(".|", "."), ("1+", "1"), ("not|", ".")] {
            let _ = run(&(words.repeat((MAX_PROGRAM - 1) / words.len()) + end), json!(1));
        }
        let brackets = "[".repeat(100_000);
        assert_eq!(run("fromjson", json!(brackets)), Err(JqError::Failed));
        assert_eq!(run("fromjson", json!("[[1]]")), Ok(vec![json!([[1]])]));
    }

    #[test]
    fn a_program_reaches_nothing_outside_its_payload() {
        for code in ["now", "env", "halt", "input", "localtime", "debug", "$ENV"] {
            assert!(run(code, json!(0)).is_err(), "{code}");
        }
    }

    #[test]
    fn a_faulty_program_is_named_when_it_is_loaded() {
        assert!(matches!(run(".a |", json!(0)), Err(JqError::Syntax(_))));
        assert!(matches!(run("frobnicate(.)", json!(0)), Err(JqError::Undefined(what)) if what.contains("frobnicate")));
    }
}
