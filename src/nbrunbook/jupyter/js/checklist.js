// The panel of a section: its steps where the author wrote them, each with a row of its own.
import { addCopy } from "./copying.js";
import { button, hide, make, nextWords, setText, status } from "./elements.js";
import { icon } from "./icons.js";
import { rewriteLinks } from "./links.js";
import { closeMenus } from "./menu.js";
import { Panel } from "./panel.js";
import { layOut } from "./parts.js";
import { Row } from "./row.js";

export class Checklist extends Panel {
  draw() {
    const before = this.rows ?? new Map(); // what somebody types there now must survive
    closeMenus(this.root);
    const focused = this.root.contains(document.activeElement) ? document.activeElement : null;
    this.body.className = "nbr-checklist";
    this.drawn = make("div", { className: "nbr-drawn" });
    this.drawn.addEventListener("nbr-reveal", ({ target }) => this.reveal(target.dataset.step));
    this.drawn.addEventListener("beforematch", () => this.open(true)); // the browser has found something in it
    this.drawn.innerHTML = this.model.get("drawn"); // sanitised by the kernel: nh3, our own boxes
    layOut(this.drawn);
    this.makePlaces();
    this.rows = new Map();
    for (const item of this.drawn.querySelectorAll("[data-step]")) {
      const id = item.dataset.step;
      const row = before.get(id) ?? new Row(this, id);
      row.moveTo(item);
      this.rows.set(id, row);
    }
    rewriteLinks(this.body);
    const blocks = [...this.body.querySelectorAll("pre")].filter((each) => !each.closest(".nbr-run, .nbr-output"));
    for (const block of blocks) addCopy(block);
    if (focused && document.activeElement !== focused) focused.focus();
  }
  // Where it is told what holds for the section, and for those that came into it with a revision.
  makePlaces() {
    for (const each of this.drawn.querySelectorAll(":scope > .nbr-about, :scope > .nbr-section > .nbr-about")) {
      each.remove();
    }
    this.about ??= make("div");
    this.putIn = new Map();
    for (const section of this.drawn.querySelectorAll(":scope > .nbr-section")) {
      const about = make("div");
      const heading = section.querySelector(":scope > h2");
      if (heading) heading.after(about);
      else section.prepend(about);
      this.putIn.set(section.dataset.section, about);
    }
    this.foot ??= this.makeFoot();
    this.top ??= this.makeTop();
    this.body.replaceChildren(this.top, this.drawn, this.foot);
  }
  // How far the section is, beside what holds for it.
  makeTop() {
    this.opened = false; // a section that is done is open because somebody asked for it
    this.count = make("span", { className: "nbr-count" });
    this.fold = button("", () => this.open(this.drawn.hasAttribute("hidden")));
    this.fold.className = "nbr-fold";
    return make("div", { className: "nbr-sum" }, this.count, this.about, this.fold);
  }
  makeFoot() {
    this.next = button("", () => this.heart.toNext(this.root));
    this.hiddenCount = make("span", { className: "nbr-hides" });
    return make("div", { className: "nbr-foot" }, this.hiddenCount, this.next);
  }
  show() {
    this.showAlarm();
    const view = this.view;
    this.showAbout(this.about, view);
    for (const [id, place] of this.putIn) if (view.put_in[id]) this.showAbout(place, view.put_in[id]);
    for (const row of this.rows.values()) row.show();
    this.showWanted();
    this.showCount(view);
    this.showFold();
    this.showFoot();
    this.showTimes();
  }
  showAbout(place, { about, opens, closes }) {
    const shown = JSON.stringify([about, opens, closes, this.live]);
    if (place.dataset.shown === shown) return;
    place.dataset.shown = shown;
    const had = place.contains(document.activeElement);
    place.replaceChildren(...about.map((words) => make("p", { className: "nbr-about", textContent: words })));
    place.tabIndex = -1;
    if (had) place.focus({ preventScroll: true }); // to the words, and never to what the next key would record
    if (!opens && !closes) return;
    const answer = status("nbr-answer");
    const [ask, words] = opens ? ["open", "Open this section"] : ["close", "Close this section again"];
    const act = button(words, () => this.record(ask, { step: opens || closes }, answer));
    act.disabled = !this.live;
    place.append(act, answer);
  }
  showCount({ settled, opens }) {
    const steps = [...this.rows.values()].filter(
      ({ check, step }) => check && step && step.status !== "not-applicable",
    );
    const count = (is) => steps.filter(({ step }) => step.status === is).length;
    const [done, skipped] = [count("done"), count("skipped")];
    const words = `${done} of ${steps.length} done${skipped ? `, ${skipped} skipped` : ""}`;
    setText(this.count, settled || opens || !steps.length ? "" : words);
    this.fold.hidden = !settled;
    this.foldWords = words;
  }
  // A section that is done is one line. It folds once nobody is at work in it, and nothing beside it moves for that.
  showFold() {
    const { settled } = this.view;
    if (!settled) this.opened = false;
    const isFolded = this.drawn.hasAttribute("hidden");
    const folded = settled && !this.opened && (isFolded || !this.isUsed);
    if (folded !== isFolded) keepPlace(this.root, () => hide(this.drawn, folded));
    if (!settled) return;
    const shown = `${this.foldWords} · ${folded ? "show" : "hide"}`;
    if (this.fold.textContent !== shown) this.fold.replaceChildren(icon("unfold"), shown);
    this.fold.setAttribute("aria-expanded", String(!folded));
  }
  get isUsed() {
    const isAt = (row) => row.busy || row.form.hasChildNodes();
    const { drawn } = this;
    return drawn.contains(document.activeElement) || drawn.matches(":hover") || [...this.rows.values()].some(isAt);
  }
  open(opened) {
    this.opened = opened;
    if (!opened) hide(this.drawn, true);
    this.showFold();
  }
  // Unfolds what hides a step, that it can be led to.
  reveal(id) {
    const row = this.rows.get(id);
    if (!row) return;
    this.open(true);
    row.unfold(true);
  }
  // A step is shown with those above it, so that it stays in its place.
  showWanted() {
    let hidden = 0;
    for (const row of this.rows.values()) {
      const below = [...row.item.querySelectorAll("[data-step]")].map((each) => this.rows.get(each.dataset.step));
      const wanted = [row, ...below].some(({ step }) => step && this.heart.wants(step));
      row.item.classList.toggle("nbr-unwanted", !wanted);
      if (!wanted && row.check && !row.item.hidden) hidden += 1;
    }
    const words = `${hidden} of somebody else's not shown here (see “Show” in the header).`;
    setText(this.hiddenCount, hidden ? words : "");
  }
  showFoot() {
    const next = this.heart.next;
    this.next.hidden = !(this.view.settled && next);
    if (next) setText(this.next, nextWords(next));
    for (const row of this.rows.values()) row.item.classList.toggle("nbr-current", row.id === next?.id);
  }
  // What changes with the clock alone.
  showTimes() {
    const now = Date.now() + this.heart.aheadMs;
    for (const row of this.rows.values()) row.showTimes(now);
    this.showFold();
  }
}

// Whatever is seen in the middle of the window stays there while something above it changes its height.
function keepPlace(root, change) {
  const scrolls = root.closest(".jp-WindowedPanel-outer, .jp-Notebook");
  const seen = scrolls && document.elementFromPoint(innerWidth / 2, innerHeight / 2);
  const isBeside = seen && scrolls.contains(seen) && !root.contains(seen) && !seen.contains(root);
  const before = isBeside && seen.getBoundingClientRect().top;
  change();
  if (isBeside) scrolls.scrollTop += seen.getBoundingClientRect().top - before;
}
