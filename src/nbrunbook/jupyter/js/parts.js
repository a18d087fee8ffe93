// A step's item as the kernel has drawn it, taken apart: its title, its body, and what stands below it.
import { make } from "./elements.js";

const BLOCKS = "p, ul, ol, td, th, dt, dd, h1, h2, h3, h4, h5, h6, blockquote, summary";

export function partsOf(item) {
  const place = item.querySelector(".nbr-row"); // behind the title
  const line = place.parentElement; // the item, or its first paragraph
  const box = line.querySelector(":scope > .nbr-box");
  const title = make("span", { className: "nbr-title" });
  while (line.firstChild !== place) title.append(line.firstChild);
  box?.remove();
  place.remove();
  if (line !== item) line.remove();
  const body = make("div", { className: "nbr-body" });
  while (item.firstChild && !holdsSteps(item.firstChild)) body.append(item.firstChild);
  if (!title.textContent.trim() && body.firstElementChild) title.append(body.firstElementChild); // a block of code
  return { box, title, body };
}

function holdsSteps(node) {
  return node.nodeType === Node.ELEMENT_NODE && (node.matches("[data-step]") || node.querySelector("[data-step]"));
}

// Each block has the direction of its own words; what a table is too wide for scrolls.
export function layOut(drawn) {
  for (const each of drawn.querySelectorAll(BLOCKS)) each.dir = "auto";
  for (const each of drawn.querySelectorAll("table")) {
    const frame = make("div", { className: "nbr-table", tabIndex: 0 });
    frame.setAttribute("role", "group");
    frame.setAttribute("aria-label", "Table");
    each.replaceWith(frame);
    frame.append(each);
  }
}
