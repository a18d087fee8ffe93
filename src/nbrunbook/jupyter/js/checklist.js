// The panel of a section: its steps where the author wrote them, each with a row of its own.
import { addCopy } from "./copying.js";
import { button, make, nextWords, setText, status } from "./elements.js";
import { rewriteLinks } from "./links.js";
import { Panel } from "./panel.js";
import { Row } from "./row.js";

export class Checklist extends Panel {
  draw() {
    const before = this.rows ?? new Map(); // what somebody types there now must survive
    const focused = this.root.contains(document.activeElement) ? document.activeElement : null;
    this.body.className = "nbr-checklist";
    this.body.innerHTML = this.model.get("drawn"); // sanitised by the kernel: nh3, our own boxes
    this.makePlaces();
    this.rows = new Map();
    for (const item of this.body.querySelectorAll("[data-step]")) {
      const id = item.dataset.step;
      const row = before.get(id) ?? new Row(this, id);
      row.moveTo(item);
      this.rows.set(id, row);
    }
    rewriteLinks(this.body);
    for (const block of this.body.querySelectorAll("pre")) addCopy(block);
    if (focused && document.activeElement !== focused) focused.focus();
  }
  // Where it is told what holds for the section, and for those that came into it with a revision.
  makePlaces() {
    for (const each of this.body.querySelectorAll(":scope > .nbr-about, :scope > .nbr-section > .nbr-about")) {
      each.remove();
    }
    this.about ??= make("div");
    this.putIn = new Map();
    for (const section of this.body.querySelectorAll(":scope > .nbr-section")) {
      const about = make("div");
      const heading = section.querySelector(":scope > h2");
      if (heading) heading.after(about);
      else section.prepend(about);
      this.putIn.set(section.dataset.section, about);
    }
    this.foot ??= this.makeFoot();
    this.body.prepend(this.about);
    this.body.append(this.foot);
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
    this.showFoot();
    this.showTimes();
  }
  showAbout(place, { about, opens, closes }) {
    place.replaceChildren(...about.map((words) => make("p", { className: "nbr-about", textContent: words })));
    if (!opens && !closes) return;
    const answer = status("nbr-answer");
    const [ask, words] = opens ? ["open", "Open this section"] : ["close", "Close this section again"];
    const act = button(words, () => this.record(ask, { step: opens || closes }, answer));
    act.disabled = !this.live;
    place.append(act, answer);
  }
  // A step is shown with those above it, so that it stays in its place.
  showWanted() {
    let hidden = 0;
    for (const row of this.rows.values()) {
      const below = [...row.item.querySelectorAll("[data-step]")].map((each) => this.rows.get(each.dataset.step));
      const wanted = [row, ...below].some(({ step }) => step && this.heart.wants(step));
      row.item.classList.toggle("nbr-unwanted", !wanted);
      if (!wanted && row.check) hidden += 1;
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
  }
}
