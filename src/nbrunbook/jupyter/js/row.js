// A step's row: its box, what is said of it, the buttons that the kernel offers, and the answer to a click.
import { button, hide, make, setText, status, tell, text } from "./elements.js";
import { evidenceLine, saveFile } from "./evidence.js";
import { closeForm } from "./forms.js";
import { icon } from "./icons.js";
import { closeMenus, menuButton } from "./menu.js";
import { partsOf } from "./parts.js";
import { APART, showRun } from "./run.js";
import { runFormOf } from "./run_forms.js";
import { asSign, inLine, marked } from "./signs.js";
import { addForm, doneForm, noteForm, reasonForm } from "./step_forms.js";
import { plain, span } from "./time.js";
import { isFocusLost, resume } from "./typing.js";

const ADD = { ask: "add", words: "Add…" }; // a step behind this one
const SIGNS = ["take", "release"]; // what is offered as a sign alone; the rest of what is quick has its words
const VERBS = ["run", "stop"]; // what a step's own button does that the machine does
const QUICK = ["approve", ...VERBS, ...SIGNS];

export class Row {
  constructor(panel, id) {
    Object.assign(this, { panel, id, busy: false, asked: "", run: null }); // `asked` is what the form that is open asks for
    this.unfolded = false; // what is folded of a step that is settled was asked for
    this.facts = make("span", { className: "nbr-facts" });
    this.actions = make("span", { className: "nbr-actions" });
    this.form = make("div", { className: "nbr-holder" });
    this.answer = status("nbr-answer");
    this.notes = make("div", { className: "nbr-notes" });
    this.folds = make("div", { className: "nbr-folds" });
    this.folds.addEventListener("beforematch", () => this.unfold(true)); // the browser has found something in it
    this.fold = button("", () => this.unfold(!this.unfolded));
    this.fold.className = "nbr-unfold";
  }
  // The text around it is drawn anew; the row stays what it is, with what is typed there and the focus.
  moveTo(item) {
    this.item = item;
    item.tabIndex = -1; // for the focus after an answer, where nothing is pressed by the next key
    const { box, title, body } = partsOf(item);
    this.hasBody = body.childElementCount > 0 || body.textContent.trim() !== "";
    this.folds.replaceChildren(body, this.notes);
    const head = make("div", { className: "nbr-head" }, box ?? "", title, " ", this.facts, " ", this.fold);
    item.prepend(head, this.form, this.answer, this.folds, this.actions);
    this.run?.place();
    this.box = box;
    if (!box) return;
    this.check ??= this.makeCheck();
    box.removeAttribute("title");
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
    showRun(this, step);
    if (this.check) this.showBox(step);
    this.showFacts(step);
    this.showNotes(step);
    this.showFold(step);
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
    const shown = step.run ? this.run.sign : this.check;
    if (this.box.firstChild !== shown) this.box.replaceChildren(shown);
    this.check.checked = step.status === "done";
    this.check.indeterminate = step.status === "skipped";
    this.check.disabled = !this.isFree || !step.box;
    this.check.title = plain(step.held || (step.waiting && `Not yet: ${step.waiting}`));
    this.check.setAttribute("aria-label", `${step.title}: ${step.status}`);
  }
  showFacts(step) {
    const { badges, due, overdue, waiting, lock, line, reworded, evidence, file, run, cannot } = step;
    const ran = [run?.is, run?.attempt, cannot];
    const shown = JSON.stringify([badges, due, overdue, waiting, lock, line, reworded, evidence, file, ran]);
    if (this.facts.dataset.shown === shown) return;
    this.facts.dataset.shown = shown;
    this.facts.replaceChildren(
      ...badges.map(([kind, words]) => marked(`nbr-badge nbr-badge-${kind}`, kind, words)),
      ...(due ? [marked(overdue ? "nbr-due nbr-overdue" : "nbr-due", "due", overdue ? `${due}: overdue` : due)] : []),
      ...(waiting ? [Object.assign(marked("nbr-waiting", "lock", lock), { title: plain(`Not yet: ${waiting}`) })] : []),
      ...(this.run?.facts(step) ?? []),
      ...text("nbr-line", line),
      ...text("nbr-reworded", reworded),
      ...evidenceLine(step, () => saveFile(this.panel, this.id, this.answer)),
      ...text("nbr-cannot", cannot && `It cannot be run from here: ${cannot}`),
    );
  }
  showNotes({ notes }) {
    const shown = JSON.stringify(notes);
    if (this.notes.dataset.shown === shown) return;
    this.notes.dataset.shown = shown;
    this.notes.replaceChildren(...notes.flatMap((note) => text("nbr-note", note)));
  }
  // A settled step is one line; what is folded stays so for as long as nobody asks for it, and never under the focus.
  showFold({ status: is, reworded, notes, note_count: count, badges, title, run }) {
    const quiet = ["done", "skipped"].includes(is) && !reworded && !run?.since;
    if (!quiet) this.unfolded = false;
    const used = this.busy || this.form.hasChildNodes() || this.folds.contains(document.activeElement);
    const folded = quiet && !this.unfolded && (!used || this.folds.hidden !== false);
    this.item.classList.toggle("nbr-quiet", quiet);
    this.item.classList.toggle("nbr-folded", folded);
    hide(this.folds, folded);
    this.fold.hidden = !(quiet && (this.hasBody || notes.length || badges.length || run?.output || run?.board));
    this.fold.setAttribute("aria-expanded", String(!folded));
    const told = count ? `${count} ${count === 1 ? "note" : "notes"}` : "";
    if (this.fold.dataset.shown === `${told} ${title}`) return;
    this.fold.dataset.shown = `${told} ${title}`;
    this.fold.setAttribute("aria-label", [told || "Details", title].join(": "));
    this.fold.replaceChildren(icon("unfold"), told);
  }
  unfold(unfolded) {
    this.unfolded = unfolded;
    if (this.step) this.showFold(this.step);
  }
  isQuick({ ask }) {
    if (ask === "run" && this.step.status === "done") return Boolean(this.step.reworded);
    return QUICK.includes(ask) || (this.step.reworded && ["tick", "skip"].includes(ask));
  }
  showActions(step) {
    const offers = this.offers.filter(({ words, ask }) => words && !APART.includes(ask));
    const shown = JSON.stringify([step.title, ...offers]);
    if (this.actions.dataset.shown !== shown) {
      this.actions.dataset.shown = shown;
      closeMenus(this.actions);
      const had = this.actions.contains(document.activeElement) ? document.activeElement.textContent : "";
      const rare = offers.filter((offer) => !this.isQuick(offer));
      const quick = offers.filter((offer) => this.isQuick(offer)).map((offer) => this.makeButton(step, offer));
      this.actions.replaceChildren(...inLine(quick, rare.length ? [this.makeMore(step, rare)] : []));
      if (had) ([...this.actions.children].find((each) => each.textContent === had) ?? this.item).focus();
    }
    for (const each of this.actions.querySelectorAll(":scope > button")) {
      each.disabled = !this.isFree || "held" in each.dataset;
    }
  }
  makeButton(step, offer) {
    const made = button(offer.words, () => this.act(offer), nameOf(offer, step));
    if (offer.held) Object.assign(made, { title: plain(`Not yet: ${offer.held}`) }).dataset.held = "";
    if (VERBS.includes(offer.ask)) made.className = `nbr-verb nbr-verb-${offer.ask}`;
    return SIGNS.includes(offer.ask) ? asSign(made, offer.ask) : made;
  }
  makeMore(step, offers) {
    const more = asSign(
      button("More…", () => {}, `More: ${step.title}`),
      "more",
    );
    const items = offers.map((offer) => ({
      words: offer.words,
      name: nameOf(offer, step),
      act: () => this.act(offer),
    }));
    return menuButton(more, () => items);
  }
  // How long a step still waits, and until or since when it is due.
  showTimes(now) {
    const step = this.step;
    this.run?.showTimes(now);
    const waiting = step?.waiting_until && this.facts.querySelector(".nbr-waiting");
    const due = step?.due_at && this.facts.querySelector(".nbr-due");
    if (waiting) {
      const left = Date.parse(step.waiting_until) - now;
      setText(waiting.lastChild, `waits ${span(left)}, ${step.lock}`);
      waiting.title = plain(`Not yet: ${step.waiting} (another ${span(left)})`);
    }
    if (due) {
      const left = Date.parse(step.due_at) - now;
      setText(due.lastChild, left > 0 ? `${step.due}, in ${span(left)}` : `${step.due}: overdue by ${span(-left)}`);
    }
  }
  clickBox() {
    const offer = this.offer(this.step.box);
    if (offer && !this.check.disabled) this.act(offer);
  }
  act(offer) {
    if (offer.ask === "stop") return this.run.stop();
    const form = this.formOf(offer);
    return form ? form(this, offer) : this.send(offer.ask, {});
  }
  // What has to be said first; null where a click is enough.
  formOf(offer) {
    const { question, ask } = offer;
    const ofRun = runFormOf(offer, this.step);
    if (ofRun || ask === "run") return ofRun;
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
    if (hadFocus && isFocusLost()) this.item.focus({ preventScroll: true });
  }
  // After a form that was not sent: to the box, or to a button where the box cannot be clicked.
  focus() {
    const box = this.check?.isConnected && !this.check.disabled ? this.check : null;
    (box ?? this.actions.querySelector(".nbr-verb") ?? this.actions.firstElementChild)?.focus();
  }
}

function nameOf({ words }, { title }) {
  return `${words.replace("…", "")}: ${title}`;
}
