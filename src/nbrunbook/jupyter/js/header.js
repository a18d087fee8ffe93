// The panel at the top: what is where, how far it is, who is at work, and whose steps are shown.
import { button, cut, make, setText, status, submitButton } from "./elements.js";
import { closeForm, field, labelled, showForm } from "./forms.js";
import { MINE } from "./heart.js";
import { webLink } from "./links.js";
import { keepTypedName, typedName } from "./operator.js";
import { jump } from "./page.js";
import { Panel } from "./panel.js";
import { resume } from "./typing.js";

const PULSE = { live: "live", gone: "no answer", asking: "not live yet" };

export class Header extends Panel {
  get tellTrouble() {
    return true;
  }
  draw() {
    this.form = make("span", { className: "nbr-holder" });
    this.answer = status("nbr-answer");
    this.title = make("h2");
    this.mark = make("span", { className: "nbr-mark" });
    this.pulse = status("nbr-pulse");
    this.said = status("nbr-hidden");
    this.bar = make("progress");
    this.list = make("dl");
    this.facts = new Map();
    this.who = make("span");
    this.rename = button("Somebody else…", () => this.nameForm());
    const top = make("div", { className: "nbr-top" }, this.title, this.mark, this.pulse);
    const parts = [top, this.bar, this.list, this.makeActions(), this.form, this.answer, this.said];
    this.box = make("div", { className: "nbr-header" }, ...parts);
    this.body.replaceChildren(this.box);
  }
  makeActions() {
    this.next = button("", () => jump(this.heart.next));
    this.note = button("Handover note…", () => this.noteForm());
    this.only = make("select");
    this.only.addEventListener("change", () => {
      this.heart.only = this.only.value || null;
      this.heart.showAll();
    });
    const shown = make("span", { className: "nbr-show" }, labelled("Show", this.only).label, this.only);
    return make("span", { className: "nbr-actions" }, this.next, this.note, shown);
  }
  show() {
    this.showAlarm();
    const view = this.view;
    this.box.classList.toggle("nbr-production", view.production);
    setText(this.title, `${view.release} → ${view.environment}`);
    setText(this.mark, view.production ? "PRODUCTION" : view.environment);
    this.pulse.dataset.live = this.heart.live;
    setText(this.pulse, PULSE[this.heart.live]);
    this.bar.max = Math.max(1, view.total);
    this.bar.value = view.settled;
    this.bar.setAttribute("aria-label", `Progress: ${view.summary}`);
    setText(this.said, view.summary);
    this.showFacts(view);
    this.showOwners(view);
    this.next.hidden = !view.next;
    if (view.next) setText(this.next, `Next open step: ${cut(view.next.title, 60)}`);
    this.note.hidden = !view.may_note;
    this.note.disabled = !this.live;
    this.rename.disabled = !this.live;
    this.heart.setNext(view.next);
    resume(this, this.live, () => this.noteAgain());
  }
  get place() {
    return `${this.view.runbook} handover`;
  }
  noteAgain() {
    if (this.view.may_note) this.noteForm();
    return this.view.may_note;
  }
  showFacts(view) {
    const { operator, known, mayRename } = this.heart;
    setText(this.who, operator ? `${operator} (${known}) ` : "…");
    this.rename.hidden = !mayRename;
    this.fact("Progress", view.summary);
    this.fact("Overdue", view.overdue, "nbr-overdue");
    this.fact("State", view.words);
    this.fact("Operator", "-").replaceChildren(this.who, this.rename);
    this.fact("Journal", view.journal);
    this.fact("Template", view.revision, "nbr-revision");
    for (const name of ["Deployed", "Made from", "Not committed"]) this.fact(name, view.origin[name] ?? "");
    const pipeline = this.fact("Pipeline", view.pipeline && "-");
    if (view.pipeline && !pipeline.hasChildNodes()) pipeline.append(webLink(view.pipeline));
    this.fact("Handover", view.handover, "nbr-handover");
  }
  // One line of the header; none where there is nothing to say.
  fact(name, words, className = "") {
    if (!this.facts.has(name)) {
      const line = { dt: make("dt", { textContent: name }), dd: make("dd", { className }) };
      this.facts.set(name, line);
      this.list.append(line.dt, line.dd);
    }
    const { dt, dd } = this.facts.get(name);
    dt.hidden = dd.hidden = !words;
    if (words !== "-") setText(dd, words);
    return dd;
  }
  showOwners(view) {
    const key = JSON.stringify(view.owners);
    if (this.only.dataset.shown === key) return;
    this.only.dataset.shown = key;
    const owners = view.owners.map((owner) => [owner, `those of ${owner}`]);
    const options = [["", "everybody's steps"], [MINE, "mine"], ...owners];
    this.only.replaceChildren(...options.map(([value, words]) => make("option", { value, textContent: words })));
    this.only.value = this.heart.only ?? "";
  }
  noteForm() {
    const note = field("Note for whoever works on this next");
    const submit = async () => {
      const reply = await this.record("note", { note: note.input.value }, this.answer);
      if (reply?.answer === "done") closeForm(this.form);
    };
    const form = { fields: [note], main: submitButton("Add note"), submit, cancelled: () => this.note.focus() };
    showForm(this.form, { place: this.place, ask: "note", ...form });
  }
  nameForm() {
    const name = field("Your name. It is declared, and nobody vouches for it");
    name.input.value = typedName(this.view.runbook);
    const submit = () => {
      keepTypedName(this.view.runbook, name.input.value);
      closeForm(this.form);
      this.heart.beat();
      this.rename.focus();
    };
    const main = submitButton("Work under this name");
    const form = { fields: [name], main, submit, cancelled: () => this.rename.focus() };
    showForm(this.form, { place: `${this.view.runbook} name`, ask: "name", ...form });
  }
}
