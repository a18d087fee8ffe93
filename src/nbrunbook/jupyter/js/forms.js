// Small forms below a row. What somebody types in one survives until it is sent or cancelled.
import { button, make, scrolling } from "./elements.js";
import { forget, keep, kept } from "./typing.js";

let labels = 0;
export function labelled(words, input) {
  labels += 1;
  input.id = `nbr-field-${labels}`;
  return { input, label: make("label", { textContent: words, htmlFor: input.id }) };
}

export function field(words) {
  return labelled(words, make("input", { type: "text", autocomplete: "off" }));
}

export function fileField(words) {
  return labelled(words, make("input", { type: "file" }));
}

// `ready` are buttons that answer with one click. `place` and `ask` name the form, for what is typed in it.
// Where nothing can be typed the question has the focus: nothing that records has it when it appears.
export function showForm(holder, { place, ask, words = "", ready = [], fields = [], main, submit, cancelled }) {
  const form = make("form", { className: "nbr-form" });
  form.dataset.place = place;
  const close = () => {
    closeForm(holder);
    cancelled();
  };
  const cancel = button("Cancel", close);
  cancel.className = "nbr-cancel";
  const question = make("strong", { className: "nbr-question", textContent: words, tabIndex: -1 });
  if (words) form.append(scrolling(question));
  form.append(...fields.flatMap((each) => [each.label, each.input]), main, cancel);
  if (ready.length) form.append(make("span", { className: "nbr-ready" }, "or", ...ready));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  keepTyping(form, fields, ask);
  listenToKeys(form, close, cancel);
  holder.replaceChildren(form);
  (fields[0]?.input ?? (words ? question : cancel)).focus();
}

// Once it was sent, or is no longer wanted.
export function closeForm(holder) {
  const place = holder.querySelector(".nbr-form")?.dataset.place;
  if (place) forget(place);
  holder.replaceChildren();
}

function keepTyping(form, fields, ask) {
  const { place } = form.dataset;
  const typed = fields.map(({ input }) => input).filter(({ type }) => type !== "file");
  const before = kept(place);
  if (before?.ask === ask) for (const [index, input] of typed.entries()) input.value = before.values[index] ?? "";
  form.addEventListener("input", () =>
    keep(
      place,
      ask,
      typed.map(({ value }) => value),
    ),
  );
}

// No key of a form reaches Jupyter. A blank belongs to a text: on a button that records it does nothing.
function listenToKeys(form, close, cancel) {
  for (const moment of ["keydown", "keyup"]) {
    form.addEventListener(moment, (event) => {
      event.stopPropagation();
      const records = event.target.tagName === "BUTTON" && event.target !== cancel;
      if (event.key === " " && records) event.preventDefault();
      if (event.key === "Escape" && moment === "keydown") close();
    });
  }
}
