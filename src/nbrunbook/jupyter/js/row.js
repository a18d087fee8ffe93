// A step's row: its box, what is said of it, the buttons that the kernel offers, and the answer to a click.
import { button, make, setText, status, tell, text } from "./elements.js";
import { evidenceLine, saveFile } from "./evidence.js";
import { closeForm } from "./forms.js";
import { addForm, doneForm, noteForm, reasonForm } from "./step_forms.js";
import { plain, span } from "./time.js";
import { resume } from "./typing.js";

const ADD = { ask: "add", words: "Add…" }; // a step behind this one

export class Row {
  constructor(panel, id) {
    Object.assign(this, { panel, id, busy: false, asked: "" }); // `asked` is what the form that is open asks for
    this.facts = make("span", { className: "nbr-facts" });
    this.actions = make("span", { className: "nbr-actions" });
    this.form = make("span", { className: "nbr-holder" });
    this.answer = status("nbr-answer");
  }
  // The text around it is drawn anew; the row stays what it is, with what is typed there and the focus.
  moveTo(item) {
    this.item = item;
    item.tabIndex = -1; // for the focus after an answer, where nothing is pressed by the next key
    const row = item.querySelector(".nbr-row");
    this.badges = [...row.querySelectorAll(".nbr-badge")];
    row.replaceChildren(this.facts, this.actions, this.form, this.answer);
    const box = item.querySelector(".nbr-box");
    if (!box) return;
    this.check ??= this.makeCheck();
    box.removeAttribute("title");
    box.replaceChildren(this.check);
  }
  makeCheck() {
    const check = make("input", { type: "checkbox", className: "nbr-check", disabled: true });
    check.addEventListener("click", (click) => {
      click.preventDefault(); // the box changes only when the journal says so
      this.clickBox();
    });
    check.addEventListener("keydown", (key) => {
      if (key.key !== "Enter") return;
      key.preventDefault(); // the same key must not press what it has just opened
      if (!key.repeat) this.clickBox();
    });
    return check;
  }
  get step() {
    return this.panel.view.steps[this.id];
  }
  get isFree() {
    return this.panel.live && !this.busy;
  }
  // What the operator who sits here can click.
  get offers() {
    const me = this.panel.heart.operator;
    const mine = this.step.offers.filter(({ only_for, not_for }) => (!only_for || only_for === me) && not_for !== me);
    return this.panel.view.add_after.includes(this.id) ? [...mine, ADD] : mine;
  }
  offer(ask) {
    return this.offers.find((each) => each.ask === ask);
  }
  show() {
    const step = this.step;
    if (!step) return;
    const other = this.item.dataset.status !== step.status;
    if (other && !this.busy) tell(this.answer, "", ""); // what was refused is no news any more
    this.item.dataset.status = step.status;
    if (this.check) this.showBox(step);
    this.showFacts(step);
    this.showActions(step);
    const late = this.asked && !this.offer(this.asked); // somebody else was faster than this form
    for (const each of this.form.querySelectorAll("button:not(.nbr-cancel)")) each.disabled = !this.isFree || late;
    resume(this, this.panel.live, (ask) => this.showAgain(ask));
  }
  // What is typed here has a name that outlives this kernel.
  get place() {
    return `${this.panel.view.runbook} step ${this.id}`;
  }
  showAgain(ask) {
    const offer = this.offer(ask);
    const form = offer && this.formOf(offer);
    form?.(this, offer);
    return Boolean(form);
  }
  showBox(step) {
    this.check.checked = step.status === "done";
    this.check.indeterminate = step.status === "skipped";
    this.check.disabled = !this.isFree || !step.box;
    this.check.title = plain(step.held);
    this.check.setAttribute("aria-label", `${step.title}: ${step.status}`);
  }
  showFacts(step) {
    const { due, overdue, waiting, line, reworded, evidence, file, notes } = step;
    const badges = this.badges.map((badge) => badge.textContent);
    const shown = JSON.stringify([due, overdue, waiting, line, reworded, evidence, file, notes, badges]);
    if (this.facts.dataset.shown === shown) return;
    this.facts.dataset.shown = shown;
    this.facts.replaceChildren(
      ...this.badges,
      ...text(overdue ? "nbr-due nbr-overdue" : "nbr-due", overdue ? `${due}: overdue` : due),
      ...text("nbr-waiting", waiting && `Not yet: ${waiting}`),
      ...text("nbr-line", line),
      ...text("nbr-reworded", reworded),
      ...evidenceLine(step, () => saveFile(this.panel, this.id, this.answer)),
      ...notes.flatMap((note) => text("nbr-note", note)),
    );
  }
  showActions(step) {
    const offers = this.offers.filter((offer) => offer.words);
    const shown = JSON.stringify([step.title, ...offers]);
    if (this.actions.dataset.shown !== shown) {
      this.actions.dataset.shown = shown;
      const had = this.actions.contains(document.activeElement) ? document.activeElement.textContent : "";
      this.actions.replaceChildren(...offers.map((offer) => this.makeButton(step, offer)));
      if (had) ([...this.actions.children].find((each) => each.textContent === had) ?? this.item).focus();
    }
    for (const each of this.actions.children) each.disabled = !this.isFree;
  }
  makeButton(step, offer) {
    return button(offer.words, () => this.act(offer), `${offer.words.replace("…", "")}: ${step.title}`);
  }
  // How long a step still waits, and until or since when it is due.
  showTimes(now) {
    const step = this.step;
    const waiting = step?.waiting_until && this.facts.querySelector(".nbr-waiting");
    const due = step?.due_at && this.facts.querySelector(".nbr-due");
    if (waiting) {
      const left = Date.parse(step.waiting_until) - now;
      setText(waiting, `Not yet: ${step.waiting} (another ${span(left)})`);
    }
    if (due) {
      const left = Date.parse(step.due_at) - now;
      setText(due, left > 0 ? `${step.due}, in ${span(left)}` : `${step.due}: overdue by ${span(-left)}`);
    }
  }
  clickBox() {
    const offer = this.offer(this.step.box);
    if (offer && !this.check.disabled) this.act(offer);
  }
  act(offer) {
    const form = this.formOf(offer);
    return form ? form(this, offer) : this.send(offer.ask, {});
  }
  // What has to be said first; null where a click is enough.
  formOf({ question, ask }) {
    if (question) return reasonForm;
    if (ask === "note") return noteForm;
    if (ask === "add") return addForm;
    return ask === "tick" && (this.step.asks || this.step.sure) ? doneForm : null;
  }
  async send(ask, more) {
    if (this.busy) return;
    this.busy = true;
    const hadFocus = this.item.contains(document.activeElement);
    this.panel.show();
    const reply = await this.panel.record(ask, { step: this.id, ...more }, this.answer);
    this.busy = false;
    if (reply?.answer === "done") closeForm(this.form);
    this.panel.show();
    if (hadFocus && !this.item.contains(document.activeElement)) this.item.focus({ preventScroll: true });
  }
  // After a form that was not sent: to the box, or to a button where the box cannot be clicked.
  focus() {
    (this.check?.disabled ? this.actions.firstChild : this.check)?.focus();
  }
}
