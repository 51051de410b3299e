// What a button of a card still asks before its step can be sent: an agreed arrival (R054), a reason (R058), what came of
// it, in the words that the daemon gave with the button. For a host's answer there is no note, because what he really said is
// kept nowhere (R169); what is only to be known needs none.

import { channel, choice, optional, person, REASONS, text } from "./fields.js";
import { is, leads } from "./store.js";
import { t } from "./text.js";

const note = (more = {}) => text("note", { ...optional, ...more });

const QUESTIONS = {
  eta: () => [{ ...field("eta"), required: true }, ...(leads() || is("front-desk") ? [person("on_behalf", optional)] : [])],
  // R074: to whom is said already; R054: when he is there is not.
  arrival: () => [{ ...field("eta"), required: true }],
  // R058: "other" says nothing by itself.
  reason: () => [choice("reason", REASONS), note({ needed: (values) => values.reason === "other" })],
  outcome: (card, button) => [
    button.outcomes && choice("outcome", button.outcomes),
    ["ask-reporter", "tell-result", "apologise"].includes(card.errand) && channel(),
    card.errand !== "call-host" && !card.errand.startsWith("know-") && note(),
  ].filter(Boolean),
};

const field = (name) => ({ name, kind: name, label: t(`field.${name}`) });

/** The fields, and how their values go into the step that the daemon gave with the button. */
export function asks(card, button) {
  const fields = QUESTIONS[button.asks]?.(card, button);
  if (!fields?.length) return null;
  const fill = (step, values) => {
    const [kind] = Object.keys(step.task.step);
    return { task: { ...step.task, step: { [kind]: { ...step.task.step[kind], ...values } } } };
  };
  return { fields, fill };
}
