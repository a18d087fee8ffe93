// Small forms below a row. What somebody types in one survives until it is sent or cancelled.
import { button, make } from "./elements.js";

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

// `ready` are buttons that answer with one click.
export function showForm(place, { words = "", ready = [], fields, main, submit, cancelled }) {
  const form = make("form", { className: "nbr-form" });
  const close = () => {
    place.replaceChildren();
    cancelled();
  };
  const cancel = button("Cancel", close);
  cancel.className = "nbr-cancel";
  if (words) form.append(make("strong", { textContent: words }));
  if (ready.length) form.append(make("span", { className: "nbr-ready" }, ...ready));
  form.append(...fields.flatMap((each) => [each.label, each.input]), main, cancel);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  form.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") close();
  });
  place.replaceChildren(form);
  (ready[0] ?? fields[0]?.input ?? main).focus();
}
