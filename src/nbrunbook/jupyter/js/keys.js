// The keyboard: arrows lead from step to step and to what a step offers, and Tab stops once at each of them.
import { notebookOf, scrollBy } from "./page.js";

const OTHERS_KEYS = "input:not([type=checkbox]), textarea, select, form, dialog, [role=menu], [contenteditable=true]";
const FOCUSABLE = "a[href], button, summary, input, [tabindex]";
const TO_STEP = { ArrowDown: [1, 1], ArrowUp: [-1, 1], Home: [-1, Infinity], End: [1, Infinity] };
const WITHIN = { ArrowRight: 1, ArrowLeft: -1 };

// What the list of keys says.
export const KEYS = [
  ["↓ ↑", "the step below, the step above"],
  ["Home End", "the first step, the last one"],
  ["→ ←", "what a step offers, and back to its box"],
  ["Space Enter", "press what has the focus; a box is done, or undone"],
  ["n", "what can be done next"],
  ["/", "find a step; Enter and the arrows lead from hit to hit"],
  ["Esc", "close a form, a menu or a search"],
  ["?", "this list"],
];

// Listens for a panel; `asks` says what the keys do that are not about a step.
export function listen(root, asks) {
  root.addEventListener("keydown", (key) => {
    if (key.defaultPrevented || key.ctrlKey || key.metaKey || key.altKey || key.target.closest(OTHERS_KEYS)) return;
    if (press(key, root, asks)) key.preventDefault();
  });
}

function press({ key, target }, root, asks) {
  const item = target.closest("[data-step]");
  if (key in asks) asks[key]();
  else if (key in TO_STEP && !scrolls(target, key)) toStep(root, item ?? target, ...TO_STEP[key]);
  else if (key in WITHIN && item && !scrolls(target, key)) within(item, target, WITHIN[key]);
  else if (key === "Escape" && item && target !== stopOf(item)) focusStep(item);
  else return false;
  return true;
}

// What scrolls in its box has the keys for itself, until it is at its end.
function scrolls(target, key) {
  if (!target.matches("pre, span, .nbr-table, .nbr-scrolls")) return false;
  const wide = target.scrollWidth - target.clientWidth;
  const high = target.scrollHeight - target.clientHeight;
  const left = target.scrollLeft + (getComputedStyle(target).direction === "rtl" ? wide : 0);
  const up = target.scrollTop;
  const way = { ArrowLeft: left, ArrowRight: wide - left, ArrowUp: up, Home: up, ArrowDown: high - up, End: high - up };
  return way[key] >= 1;
}

// Goes a step on, or to the last one on that side: over sections and panels, also where Jupyter draws them only then.
async function toStep(root, from, side, how) {
  const one = how === 1;
  let item = one && beside(stepsOf(root), from, side);
  while (!item && (await scrollBy(root, side * how)) && one) item = beside(stepsOf(root), from, side);
  if (!one) item = stepsOf(root).at(side > 0 ? -1 : 0);
  if (item) focusStep(item);
}

function beside(steps, from, side) {
  const way = side > 0 ? Node.DOCUMENT_POSITION_FOLLOWING : Node.DOCUMENT_POSITION_PRECEDING;
  return steps.filter((each) => from.compareDocumentPosition(each) & way).at(side > 0 ? 0 : -1);
}

// Those that can be seen and worked on, in the order of the page.
function stepsOf(root) {
  const items = [...notebookOf(root).querySelectorAll(".nbr [data-step]")];
  return items.filter((each) => each.checkVisibility() && stopOf(each));
}

function within(item, target, by) {
  const all = [
    stopOf(item),
    ...own(item).filter((each) => each !== stopOf(item) && !each.disabled && each.checkVisibility()),
  ];
  all[Math.max(0, all.indexOf(target) + by)]?.focus();
}

// What can have the focus in a step: not in those below it, and not in its form, where Tab goes its own way.
function own(item) {
  const found = [...item.querySelectorAll(FOCUSABLE)];
  return found.filter((each) => each.closest("[data-step]") === item && !each.closest("form, [role=menu]"));
}

// Where Tab stops and arrows lead: a step's box, or its verb; where it cannot be clicked the step, to be read; not at a mere title.
function stopOf(item) {
  const mine = own(item).filter((each) => each.matches("input.nbr-check, .nbr-actions *"));
  const box = mine.find((each) => each.matches("input.nbr-check, .nbr-verb"));
  if (box && !box.disabled) return box;
  return mine.length ? item : null;
}

// Puts the focus on a step.
export function focusStep(item) {
  const stop = stopOf(item) ?? item;
  stop.focus({ preventScroll: true });
  item.scrollIntoView({ block: "nearest" });
}

// Keeps one stop for Tab at each step of a panel, whatever is drawn in it anew.
export function keepOneStop(root) {
  const keep = (items) => {
    for (const item of items) oneStop(item);
  };
  new MutationObserver((changes) => {
    const items = new Set(changes.map(({ target }) => target.closest("[data-step]")));
    keep(items.has(null) ? root.querySelectorAll("[data-step]") : items);
  }).observe(root, { childList: true, subtree: true, attributeFilter: ["disabled"] });
}

function oneStop(item) {
  const stop = stopOf(item);
  for (const each of [item, ...own(item)]) {
    const tabIndex = each === stop ? 0 : -1;
    if (each.tabIndex !== tabIndex || !each.hasAttribute("tabindex")) each.tabIndex = tabIndex;
  }
}
