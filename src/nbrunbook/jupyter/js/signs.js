// What is said with a sign: badges, and buttons.
import { make } from "./elements.js";
import { icon } from "./icons.js";

// What is said with a sign, so that its kind is seen before it is read.
export function marked(className, sign, words) {
  return make("span", { className }, icon(sign), make("span", { textContent: words, dir: "auto" }));
}

// A button that shows a sign, and says its words to whoever cannot see it or points at it.
export function asSign(made, sign) {
  const words = made.textContent;
  made.replaceChildren(icon(sign), make("span", { className: "nbr-hidden", textContent: words }));
  return Object.assign(made, { className: "nbr-sign", title: words.replace("…", "") });
}

// The buttons of a step in their order: its verb is the last, so that verbs stand in a column.
export function inLine(quick, more) {
  const verbs = quick.filter((each) => each.matches(".nbr-verb"));
  return [...quick.filter((each) => !verbs.includes(each)), ...more, ...verbs];
}
