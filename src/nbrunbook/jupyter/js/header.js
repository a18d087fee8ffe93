// The panel at the top: what is where, how far it is, what is next and who is at work; the rest unfolds.
import { button, make, nextWords, setText, status, submitButton } from "./elements.js";
import { Ending } from "./ending.js";
import { closeForm, field, labelled, showForm } from "./forms.js";
import { MINE } from "./heart.js";
import { showKeys } from "./key_list.js";
import { webLink } from "./links.js";
import { keepTypedName, typedName } from "./operator.js";
import { jumpToSignOff, markProduction, markRunbook } from "./page.js";
import { Panel } from "./panel.js";
import { markParameters, toggleParameters } from "./parameters.js";
import { Search } from "./search.js";
import { zone } from "./time.js";
import { resume } from "./typing.js";

const PULSE = { live: "live", gone: "no answer", asking: "not live yet" };
const TOLD = ["failing", "handover", "overdue", "state", "revision", "uncommitted"];

export class Header extends Panel {
  get tellTrouble() {
    return true;
  }
  draw() {
    this.form = make("span", { className: "nbr-holder" });
    this.answer = status("nbr-answer");
    const parts = [this.makeTop(), this.makeSecond(), this.form, this.answer];
    this.box = make("div", { className: "nbr-header" }, ...parts);
    this.body.replaceChildren(this.box);
  }
  makeTop() {
    this.title = make("h2");
    this.mark = make("span", { className: "nbr-mark", textContent: "PRODUCTION" });
    this.pulse = status("nbr-pulse");
    this.bar = make("progress");
    this.bar.setAttribute("aria-label", "Progress");
    this.said = status("nbr-said");
    const how = make("span", { className: "nbr-how" }, this.bar, this.said);
    this.next = button("", () => this.heart.toNext(this.root));
    this.next.className = "nbr-main nbr-next";
    this.last = button("To the sign-off", () => jumpToSignOff(this.root));
    this.last.className = "nbr-main nbr-last";
    this.ending = new Ending();
    const parts = [this.title, this.mark, this.pulse, how, this.ending.element, this.next, this.last];
    this.how = how;
    return make("div", { className: "nbr-top" }, ...parts);
  }
  // What there is to say, the handover first; then who is at work.
  makeSecond() {
    this.told = new Map(TOLD.map((name) => [name, make("span", { className: `nbr-${name}` })]));
    this.who = make("span");
    this.rename = button("Somebody else…", () => this.nameForm());
    this.note = button("Handover note…", () => this.noteForm());
    const operator = make("span", { className: "nbr-operator" }, this.who, this.rename, this.note);
    this.search = new Search(this);
    const keys = button("?", showKeys, "List of keys");
    for (const each of [this.rename, this.note]) each.classList.add("nbr-plain");
    const [shown, more] = this.makeMore();
    const tools = make("span", { className: "nbr-tools" }, shown, this.search.element, keys);
    return make("div", { className: "nbr-second" }, ...this.told.values(), operator, tools, more);
  }
  makeMore() {
    this.list = make("dl");
    this.facts = new Map();
    this.only = make("select");
    this.only.addEventListener("change", () => {
      this.heart.only = this.only.value || null;
      this.heart.showAll();
    });
    const shown = make("span", { className: "nbr-show" }, labelled("Show", this.only).label, this.only);
    this.parameters = button("Show the cells of parameters", () => this.showParameters());
    this.parameters.className = "nbr-plain";
    const parts = [make("summary", { textContent: "More" }), this.list, this.parameters];
    return [shown, make("details", { className: "nbr-more" }, ...parts)];
  }
  showParameters() {
    const are = toggleParameters(this.root);
    setText(this.parameters, are ? "Hide the cells of parameters" : "Show the cells of parameters");
  }
  show() {
    this.showAlarm();
    const view = this.view;
    this.showTop(view);
    this.showTold(view);
    this.showFacts(view);
    this.showOwners(view);
    this.parameters.hidden = !markParameters(this.model, this.root);
    this.heart.setNext(view.next);
    resume(this, this.live, (ask) => ask === "note" && this.noteAgain());
  }
  showTop(view) {
    this.box.classList.toggle("nbr-production", view.production);
    markRunbook(this.root);
    if (view.production) markProduction(this.root, view.environment);
    setText(this.title, `${view.release} → ${view.environment}`);
    this.mark.hidden = !view.production;
    this.pulse.dataset.live = this.heart.live;
    setText(this.pulse, PULSE[this.heart.live]);
    this.bar.max = Math.max(1, view.total);
    this.bar.value = view.settled;
    setText(this.said, view.summary);
    this.how.hidden = Boolean(view.ended);
    this.ending.show(view, this.model, () => "Its record");
    this.next.hidden = !view.next;
    if (view.next) setText(this.next, nextWords(view.next));
    this.last.hidden = Boolean(view.next) || !view.may_sign_off;
  }
  get place() {
    return `${this.view.runbook} handover`;
  }
  noteAgain() {
    if (this.view.may_note) this.noteForm();
    return this.view.may_note;
  }
  showTold(view) {
    const { operator, known, mayRename } = this.heart;
    setText(this.who, operator ? `${operator} (${known})` : "…");
    this.rename.hidden = !mayRename;
    this.rename.disabled = !this.live;
    this.note.hidden = !view.may_note;
    this.note.disabled = !this.live;
    const told = {
      failing: view.failing,
      handover: view.handover && `Handover: ${view.handover}`,
      overdue: view.overdue && `Overdue: ${view.overdue}`,
      state: view.state === "open" || view.ended ? "" : view.words,
      revision: view.revision,
      uncommitted: view.origin["Not committed"] && `Not committed: ${view.origin["Not committed"]}`,
    };
    for (const [name, element] of this.told) {
      element.hidden = !told[name];
      setText(element, told[name] ?? "");
    }
  }
  showFacts(view) {
    this.fact("Runbook", view.key);
    this.fact("Journal", view.journal);
    this.fact("Times", zone());
    for (const name of ["Deployed", "Made from"]) this.fact(name, view.origin[name] ?? "");
    const pipeline = this.fact("Pipeline", view.pipeline && "-");
    if (view.pipeline && !pipeline.hasChildNodes()) pipeline.append(webLink(view.pipeline));
  }
  // One line of what unfolds; none where there is nothing to say.
  fact(name, words) {
    if (!this.facts.has(name)) {
      const line = { dt: make("dt", { textContent: name }), dd: make("dd") };
      this.facts.set(name, line);
      this.list.append(line.dt, line.dd);
    }
    const { dt, dd } = this.facts.get(name);
    dt.hidden = dd.hidden = !words;
    if (words !== "-") setText(dd, words);
    return dd;
  }
  showOwners(view) {
    const key = JSON.stringify([view.owners, this.heart.only]);
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
