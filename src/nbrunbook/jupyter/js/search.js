// The search field: it finds steps by their titles and what is written under them, wherever they are in the notebook.
import { make, setText, status } from "./elements.js";
import { ANSWER_MS } from "./kernel.js";
import { notebookOf } from "./page.js";

const WAYS = { Enter: 1, ArrowDown: 1, ArrowUp: -1 };

// What differs in case, accents or Markdown's marks alone is the same.
export function folded(words) {
  return words
    .normalize("NFKD")
    .replace(/[\p{M}*`]/gu, "")
    .toLowerCase();
}

export class Search {
  constructor(panel) {
    Object.assign(this, { panel, steps: [], hits: [], at: -1, item: null, before: null, known: null, told: true });
    this.input = make("input", { type: "search", placeholder: "Find a step", autocomplete: "off", spellcheck: false });
    this.input.setAttribute("aria-label", "Find a step");
    this.said = status("nbr-found");
    this.bar = make("span", { className: "nbr-search" }, this.input, this.said);
    this.element = make("span", { className: "nbr-search-place" }, this.bar);
    this.input.addEventListener("focus", (focus) => this.start(focus.relatedTarget));
    this.input.addEventListener("input", () => this.find());
    this.input.addEventListener("keydown", (key) => this.press(key));
    this.input.addEventListener("blur", () => this.float(false));
  }
  focus() {
    this.input.focus();
    this.input.select();
  }
  start(before) {
    this.before = before;
    this.known = this.load();
  }
  // The kernel knows all steps, also those that Jupyter has not drawn.
  async load() {
    const reply = await this.panel.ask("steps", {}, ANSWER_MS);
    this.told = Boolean(reply?.steps);
    if (this.told)
      this.steps = reply.steps.map(({ id, title, text }) => ({ id, title, words: folded(`${title}\n${text}`) }));
    this.find();
  }
  find() {
    const words = folded(this.input.value).split(/\s+/).filter(Boolean);
    const known = this.hits[this.at]?.id;
    this.hits = words.length ? this.steps.filter((step) => words.every((word) => step.words.includes(word))) : [];
    this.at = this.hits.findIndex(({ id }) => id === known);
    if (this.at < 0) this.mark(null);
    this.say(words.length > 0);
  }
  say(asked) {
    const { length } = this.hits;
    const found = this.at < 0 ? `${length} found` : `${this.at + 1} of ${length}`;
    setText(this.said, asked ? (length ? found : this.told ? "none" : "no answer from the kernel") : "");
  }
  press(key) {
    if (key.isComposing) return;
    key.stopPropagation(); // no key of a text is Jupyter's
    if (key.key in WAYS) this.go(key.shiftKey ? -WAYS[key.key] : WAYS[key.key]);
    else if (key.key === "Escape") this.end();
    else return;
    key.preventDefault();
  }
  async go(by) {
    await this.known; // who types fast has not waited for it
    const { length } = this.hits;
    if (!length) return;
    this.at = this.at < 0 && by < 0 ? length - 1 : (this.at + by + length) % length;
    this.say(true);
    const hit = this.hits[this.at];
    this.float(true);
    const item = await this.panel.heart.bring(hit, this.panel.root);
    if (hit === this.hits[this.at]) this.mark(item);
  }
  mark(item) {
    this.item?.classList.remove("nbr-hit");
    this.item = item;
    item?.classList.add("nbr-hit");
  }
  // Clears it, and goes on at the step that was found, else where the search began.
  end() {
    const hit = this.hits[this.at];
    this.input.value = "";
    this.find();
    this.float(false);
    if (hit) this.panel.heart.lead(hit, this.panel.root);
    else if (this.before?.isConnected) this.before.focus();
  }
  // While it leads through the notebook it stays in sight, above the notebook. It is a popover for that time alone:
  // any other is not seen.
  float(on) {
    if (!this.bar.showPopover || !this.bar.isConnected || Boolean(this.bar.popover) === on) return;
    if (on) this.place();
    else this.bar.hidePopover();
    this.bar.popover = on ? "manual" : null;
    if (on) this.bar.showPopover();
  }
  place() {
    const notebook = notebookOf(this.panel.root).querySelector(".jp-WindowedPanel-outer") ?? document.body;
    const { top, right } = notebook.getBoundingClientRect();
    this.bar.style.setProperty("--nbr-top", `${Math.max(0, top)}px`);
    this.bar.style.setProperty("--nbr-right", `${innerWidth - right}px`);
  }
}
