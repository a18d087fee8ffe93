// What an operator has to say before something is recorded of a step. The kernel decides whether it does.
import { button, cut, submitButton, tell } from "./elements.js";
import { evidenceFields } from "./evidence.js";
import { field, showForm } from "./forms.js";

const READY = {
  skip: ["not applicable", "already done", "done automatically"],
  untick: ["clicked by mistake", "has to be done again"],
  unskip: ["clicked by mistake", "has to be done again"],
};

export function doneForm(row, offer) {
  const { title, taken_by, sure } = row.step;
  const { fields, read } = evidenceFields(row.step);
  const other = taken_by && taken_by !== row.panel.heart.operator ? `${taken_by} is on it. ` : "";
  const main = sure ? submitButton(`Yes, “${cut(title, 80)}” was done`, "nbr-danger") : submitButton("Record as done");
  showStepForm(row, offer, { words: other + sure, fields, main, read });
}

export function reasonForm(row, offer) {
  const reason = field("Reason");
  const ready = READY[offer.ask].map((words) => button(words, () => row.send(offer.ask, { reason: words })));
  const main = submitButton(offer.words.replace("…", ""));
  const read = () => ({ reason: reason.input.value });
  showStepForm(row, offer, { words: offer.question, ready, fields: [reason], main, read });
}

export function noteForm(row, offer) {
  const note = field("Note");
  showStepForm(row, offer, {
    fields: [note],
    main: submitButton("Add note"),
    read: () => ({ note: note.input.value }),
  });
}

export function addForm(row, offer) {
  const title = field("What is to be done after this?");
  const read = () => ({ title: title.input.value, after: row.id });
  showStepForm(row, offer, { fields: [title], main: submitButton("Add this step"), read });
}

export function showStepForm(row, offer, { read, ...form }) {
  row.asked = offer.ask;
  const submit = async () => {
    const { refused, ...said } = await read();
    if (refused) tell(row.answer, "refused", refused);
    else row.send(offer.ask, said);
  };
  showForm(row.form, { ...form, place: row.place, ask: offer.ask, submit, cancelled: () => row.focus() });
}
