// What a button of a card still asks before its step can be sent: an agreed arrival (R054), a reason (R058), what came of
// it. The words of an outcome are those that the daemon's rules know; for a host's answer there is no note, because what
// he really said is kept nowhere (R169).

import { channel, choice, optional, person, REASONS, text } from "./fields.js";
import { is, leads } from "./store.js";
import { t } from "./text.js";

const OUTCOMES = {
  "answer-call": ["spoke", "let-in", "turned-away", "no-answer"],
  "missed-call": ["called-back", "nobody"],
  "see-help": ["helped", "nobody"],
  "call-host": ["coming", "come-up", "wait", "not-here"],
  "ask-butler": ["let-in", "call-host", "refused"],
  "see-person": ["admitted", "call-host", "waits"],
  "see-alarm": ["all-well", "door-shut", "false-alarm", "police"],
  "ask-reporter": ["came", "not-come"],
};

/** Words that only one matter's rules know. */
const OF_MATTER = { "emergency/call-back": ["well", "more-help"] };

const outcomes = (card) => OF_MATTER[`${card.matter}/${card.errand}`] ?? OUTCOMES[card.errand];

/** Done by a step of the record, which asks more than a card can: the button opens the record. */
const IN_THE_RECORD = new Set([
  "repair", "serve", "check-work", "review-fee", "consent", "reappoint", "revisit", "call-back", "approve", "sign", "take-up", "hand-over",
]);

export const belongsToRecord = (card, button) => button.asks === "outcome" && IN_THE_RECORD.has(card.errand) && !outcomes(card);

const note = () => text("note", optional);

const QUESTIONS = {
  eta: () => [{ ...field("eta"), required: true }, ...(leads() || is("front-desk") ? [person("on_behalf", optional)] : [])],
  reason: () => [choice("reason", REASONS), note()],
  outcome: (card) => [
    outcomes(card) && choice("outcome", outcomes(card)),
    ["ask-reporter", "tell-result", "apologise"].includes(card.errand) && channel(),
    card.errand !== "call-host" && note(),
  ].filter(Boolean),
};

const field = (name) => ({ name, kind: name, label: t(`field.${name}`) });

/** The fields, and how their values go into the step that the daemon gave with the button. */
export function asks(card, button) {
  const fields = QUESTIONS[button.asks]?.(card);
  if (!fields?.length) return null;
  const fill = (step, values) => {
    const [kind] = Object.keys(step.task.step);
    return { task: { ...step.task, step: { [kind]: { ...step.task.step[kind], ...values } } } };
  };
  return { fields, fill };
}
