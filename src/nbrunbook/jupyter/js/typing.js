// What somebody is typing survives a kernel's death and a reload: it is kept until it is sent or cancelled.
import { read, write } from "./tab.js";

const KEPT = "nbrunbook-typing ";

// Who types where: the place is one of a runbook's, `ask` what its form is for.
export function keep(place, ask, values) {
  write(KEPT + place, JSON.stringify({ ask, values }));
}

export function forget(place) {
  write(KEPT + place, "");
}

export function kept(place) {
  try {
    return JSON.parse(read(KEPT + place) || "null");
  } catch {
    return null;
  }
}

// Before its panel is drawn anew: the form that has the focus gets it back.
export function keepFocus(root) {
  const place = document.activeElement?.closest(".nbr-form")?.dataset.place;
  const typed = place && root.contains(document.activeElement) && kept(place);
  if (typed) write(KEPT + place, JSON.stringify({ ...typed, focused: true }));
}

// Whether the focus fell off what was disabled or taken away; else somebody goes on elsewhere, and keeps it.
export function isFocusLost() {
  return !document.activeElement?.closest(".nbr, input, textarea, select, [contenteditable=true]");
}

// Shows a form again where somebody was typing, once its owner is live.
// `show` shows it for what it asked, and says whether there is still something to fill in.
export function resume(owner, live, show) {
  if (owner.resumed || !live) return;
  owner.resumed = true;
  const { place } = owner;
  const typed = kept(place);
  if (!typed) return;
  const before = document.activeElement;
  if (!show(typed.ask)) return forget(place);
  if (typed.focused) return keep(place, typed.ask, typed.values);
  document.activeElement?.blur();
  before?.focus?.({ preventScroll: true });
}
