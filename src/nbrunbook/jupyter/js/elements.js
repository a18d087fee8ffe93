// Elements of the page that the panels are made of. Words are set as text, never as HTML, their instants as elements.
import { nodes, plain } from "./time.js";

const SCROLLS = 600; // characters from which on a text scrolls in its box, which the keyboard has to reach

export function make(tag, { textContent = "", ...properties } = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...nodes(textContent), ...children.filter((child) => child !== ""));
  return element;
}

// A place whose words a screen reader says when they change.
export function status(className) {
  const element = make("span", { className });
  element.setAttribute("role", "status");
  return element;
}

export function tell(element, kind, words) {
  element.dataset.kind = kind;
  setText(element, words);
}

export function setText(element, words) {
  if (element.textContent !== plain(words)) element.replaceChildren(...nodes(words)); // a live region must not repeat
}

// What is hidden is still found by the browser's own search, where it knows how.
export function hide(element, hidden) {
  if (hidden) element.setAttribute("hidden", "until-found");
  else element.removeAttribute("hidden");
}

export function scrolling(element) {
  if (element.textContent.length > SCROLLS) element.tabIndex = 0;
  return element;
}

// A list with the text, empty where there are no words.
export function text(className, words) {
  return words ? [scrolling(make("span", { className, textContent: words, dir: "auto" }))] : [];
}

export function cut(words, length) {
  return words.length > length ? `${words.slice(0, length)}…` : words;
}

export function button(words, act, name) {
  const made = make("button", { type: "button", textContent: words });
  if (name) made.setAttribute("aria-label", name);
  made.addEventListener("click", act);
  return made;
}

export function submitButton(words, className = "nbr-main") {
  return make("button", { type: "submit", className, textContent: words });
}

// What can be done next, or what everything waits for.
export function nextWords({ title, waits }) {
  return `${waits ? "Waits" : "Next"}: ${cut(title, 60)}`;
}
