// A button with a menu, as https://www.w3.org/WAI/ARIA/apg/patterns/menu-button/ has it. The menu is a popover: it lies
// over everything, so nothing clips it, and the browser closes it on Escape and on a click beside it.
import { make } from "./elements.js";

const GAP = 4; // pixels between the button, the menu and the window's edge

// `items` says what is in it when it opens: a list of { words, name, act }.
export function menuButton(trigger, items) {
  trigger.setAttribute("aria-haspopup", "menu");
  trigger.setAttribute("aria-expanded", "false");
  trigger.addEventListener("click", (click) => {
    click.preventDefault();
    if (isOpen(trigger.popoverTargetElement)) trigger.popoverTargetElement.hidePopover();
    else open(trigger, items(), 0);
  });
  trigger.addEventListener("keydown", (key) => {
    if (!["ArrowDown", "ArrowUp"].includes(key.key) || trigger.disabled) return;
    taken(key);
    if (!isOpen(trigger.popoverTargetElement)) open(trigger, items(), key.key === "ArrowUp" ? -1 : 0);
  });
  return trigger;
}

// Before what is in an element is drawn anew: the focus is the button's again.
export function closeMenus(element) {
  for (const menu of element.querySelectorAll("[role=menu]")) if (isOpen(menu)) menu.hidePopover();
}

function isOpen(menu) {
  return Boolean(menu?.matches(":popover-open"));
}

function open(trigger, items, first) {
  trigger.popoverTargetElement?.remove(); // Jupyter took it off the page with its cell: nothing was heard of that
  const menu = makeMenu(trigger, items);
  trigger.popoverTargetElement = menu; // a press on the button is none beside the menu
  trigger.setAttribute("aria-expanded", "true");
  menu.showPopover();
  place(menu, trigger);
  focusOn(menu, first);
}

function makeMenu(trigger, items) {
  const menu = make("div", { className: "nbr-menu", popover: "auto" });
  menu.setAttribute("role", "menu");
  menu.setAttribute("aria-label", trigger.getAttribute("aria-label"));
  menu.append(...items.map((item) => makeItem(menu, item)));
  menu.addEventListener("keydown", (key) => moveBy(menu, key));
  const shown = new AbortController();
  const follow = () => (isOpen(menu) ? place(menu, trigger) : shown.abort());
  menu.addEventListener("toggle", ({ newState }) => {
    if (newState === "open") return;
    shown.abort();
    trigger.setAttribute("aria-expanded", "false");
    if (trigger.popoverTargetElement === menu) trigger.popoverTargetElement = null;
    menu.remove();
  });
  addEventListener("scroll", follow, { capture: true, signal: shown.signal });
  addEventListener("resize", follow, { signal: shown.signal });
  trigger.after(menu);
  return menu;
}

function makeItem(menu, { words, name, act }) {
  const item = make("button", { type: "button", textContent: words, tabIndex: -1 });
  item.setAttribute("role", "menuitem");
  item.setAttribute("aria-label", name);
  item.addEventListener("click", () => {
    menu.hidePopover();
    act();
  });
  return item;
}

// Below the button, or above it where there is no room.
function place(menu, trigger) {
  const at = trigger.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = at.bottom + GAP;
  const top = below + height > innerHeight - GAP ? at.top - GAP - height : below;
  const left = Math.min(at.right - width, innerWidth - GAP - width);
  Object.assign(menu.style, { top: `${Math.max(GAP, top)}px`, left: `${Math.max(GAP, left)}px` });
}

function moveBy(menu, key) {
  const items = [...menu.children];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[key.key];
  if (key.key === "Tab") menu.hidePopover();
  else if (key.key.length === 1 && key.key !== " ") byLetter(items, at, key);
  else if (to !== undefined) focusOn(menu, to % items.length);
  if (to !== undefined) taken(key);
  else key.stopPropagation();
}

function byLetter(items, at, key) {
  const order = [...items.slice(at + 1), ...items.slice(0, at + 1)];
  order.find((each) => each.textContent.toLowerCase().startsWith(key.key.toLowerCase()))?.focus();
  taken(key);
}

function focusOn(menu, index) {
  [...menu.children].at(index)?.focus({ preventScroll: true });
}

function taken(key) {
  key.preventDefault();
  key.stopPropagation();
}
