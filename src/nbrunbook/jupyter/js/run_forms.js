// What an operator has to say before a run, in place of one, and of one that nobody knows of.
import { cut, make, submitButton } from "./elements.js";
import { evidenceFields } from "./evidence.js";
import { field, labelled } from "./forms.js";
import { showStepForm } from "./step_forms.js";

// The form for an offer about runs; null where it is none of them, or a click is enough.
export function runFormOf({ ask, question, sure }, { run }) {
  if (!run) return null;
  if (ask === "run" || ask === "rerun") return question || sure ? runForm : null;
  if (ask === "tick") return question ? handForm : null;
  if (ask === "resize") return sizeForm;
  return ["it-ran", "it-did-not"].includes(ask) ? wordForm : null;
}

// A second click, with a reason where it was done already.
function runForm(row, offer) {
  const { title, taken_by } = row.step;
  const other = taken_by && taken_by !== row.panel.heart.operator ? `${taken_by} is on it.` : "";
  const words = [other, offer.sure, offer.question].filter(Boolean).join(" ");
  const reason = offer.question ? [field("Reason")] : [];
  const verb = offer.words.replace("…", "");
  const main = offer.sure ? submitButton(`Yes, run “${cut(title, 80)}”`, "nbr-danger") : submitButton(verb);
  const read = () => (reason.length ? { reason: reason[0].input.value } : {});
  showStepForm(row, offer, { words, fields: reason, main, read });
}

function handForm(row, offer) {
  const { title, sure } = row.step;
  const reason = field("Reason");
  const evidence = evidenceFields(row.step);
  const words = [offer.question, sure].filter(Boolean).join(" ");
  const main = sure
    ? submitButton(`Yes, “${cut(title, 80)}” was done by hand`, "nbr-danger")
    : submitButton("Record as done by hand");
  const read = async () => ({ ...(await evidence.read()), reason: reason.input.value });
  showStepForm(row, offer, { words, fields: [reason, ...evidence.fields], main, read });
}

// How many rows the next chunks ask for.
function sizeForm(row, offer) {
  const size = field("Rows");
  Object.assign(size.input, { type: "number", min: 1, max: 100000, step: 1, inputMode: "numeric" });
  const main = submitButton("Change it");
  showStepForm(row, offer, { words: offer.question, fields: [size], main, read: () => ({ size: size.input.value }) });
}

function wordForm(row, offer) {
  const reason = field("How do you know?");
  const { gone } = row.step.run;
  const host = gone ? [labelled(`${gone} is no more`, make("input", { type: "checkbox" }))] : [];
  const where = gone ? ` It ran on ${gone}: say so there, or here where that is no more.` : "";
  const main = submitButton(offer.ask === "it-ran" ? "It ran" : "It did not run");
  const read = () => ({ reason: reason.input.value, gone: Boolean(host[0]?.input.checked) });
  showStepForm(row, offer, { words: offer.question + where, fields: [reason, ...host], main, read });
}
