// Blocks of code, which are there to be pasted somewhere.
import { button, make } from "./elements.js";

const TOLD_MS = 3000;

export function addCopy(block) {
  const copy = button("Copy", async () => {
    copy.textContent = (await copied(block.textContent)) ? "Copied" : "Not copied: select it and press Ctrl-C";
    setTimeout(() => {
      copy.textContent = "Copy";
    }, TOLD_MS);
  });
  copy.className = "nbr-copy";
  copy.setAttribute("aria-live", "polite");
  const frame = make("div", { className: "nbr-code" });
  block.replaceWith(frame);
  block.tabIndex = 0; // it scrolls in its box
  frame.append(block, copy);
}

// The clipboard's own interface is there only for https and 127.0.0.1.
async function copied(words) {
  try {
    await navigator.clipboard.writeText(words);
    return true;
  } catch {
    const area = make("textarea", { value: words, className: "nbr-hidden" });
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
