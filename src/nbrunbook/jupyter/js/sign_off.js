// The panel at the end: what is left, as steps to go to, and the buttons that the kernel offers; then what it was.
import { button, make, setText, status, submitButton } from "./elements.js";
import { Ending } from "./ending.js";
import { closeForm, showForm } from "./forms.js";
import { Panel } from "./panel.js";
import { isFocusLost } from "./typing.js";

export class SignOff extends Panel {
  draw() {
    this.ending = new Ending();
    this.known = make("p", { className: "nbr-known" });
    this.words = make("div");
    this.left = make("div");
    this.actions = make("span", { className: "nbr-actions" });
    this.form = make("span", { className: "nbr-holder" });
    this.answer = status("nbr-answer");
    const told = make("div", {}, this.ending.element, this.known);
    told.setAttribute("role", "status");
    const title = make("h2", { textContent: "Sign-off" });
    const parts = [title, told, this.words, this.left, this.actions, this.form, this.answer];
    this.box = make("div", { className: "nbr-sign-off", tabIndex: -1 }, ...parts);
    this.body.replaceChildren(this.box);
  }
  show() {
    this.showAlarm();
    const { lines, left, offers, ended } = this.view;
    this.box.dataset.ended = String(Boolean(ended));
    this.ending.show(this.view, this.model, (record) => `Its record: ${record}`);
    this.known.hidden = !ended;
    setText(this.known, this.view.from_to);
    this.words.replaceChildren(...lines.map((words) => make("p", { className: "nbr-lines", textContent: words })));
    this.showLeft(left);
    this.showOffers(offers);
  }
  showLeft(left) {
    const key = JSON.stringify(left);
    if (this.left.dataset.shown === key) return;
    this.left.dataset.shown = key;
    const had = this.left.contains(document.activeElement) ? document.activeElement.dataset.to : "";
    this.left.replaceChildren(...left.flatMap((each) => this.makeLeft(each)));
    if (had) (this.left.querySelector(`[data-to="${CSS.escape(had)}"]`) ?? this.left.querySelector("button"))?.focus();
  }
  makeLeft({ words, steps, more }) {
    const items = steps.map((step) => make("li", {}, ...this.makeLink(step)));
    if (more) items.push(make("li", { textContent: `and ${more} more` }));
    return [make("p", { textContent: words }), make("ul", { className: "nbr-left" }, ...items)];
  }
  makeLink(step) {
    const link = button(step.title, () => this.heart.lead(step, this.root));
    link.className = "nbr-link";
    link.dataset.to = step.id;
    const late = step.late ? [" ", make("strong", { className: "nbr-overdue", textContent: "overdue" })] : [];
    const section = step.section ? [" ", make("span", { className: "nbr-where", textContent: step.section })] : [];
    return [link, ...late, ...section];
  }
  showOffers(offers) {
    const key = JSON.stringify(offers.map(({ ask, question }) => [ask, question]));
    if (this.actions.dataset.shown !== key) {
      this.actions.dataset.shown = key;
      this.actions.replaceChildren(...offers.map((offer) => button(offer.words, () => this.act(offer))));
      if (this.form.contains(document.activeElement)) this.actions.firstChild?.focus();
      closeForm(this.form); // it asked about what is so no longer
    }
    for (const [index, each] of [...this.actions.children].entries()) {
      each.className = "nbr-main";
      each.disabled = !this.live || this.busy || Boolean(offers[index].held);
    }
    for (const each of this.form.querySelectorAll("button:not(.nbr-cancel)")) each.disabled = !this.live || this.busy;
  }
  act(offer) {
    if (!offer.question) return this.send(offer.ask);
    const main = submitButton(offer.words.replace("…", ""));
    const about = { place: `${this.view.runbook} sign-off`, ask: offer.ask, words: offer.question, main };
    const cancelled = () => this.actions.firstChild?.focus();
    return showForm(this.form, { ...about, submit: () => this.send(offer.ask), cancelled });
  }
  async send(ask) {
    if (this.busy) return;
    this.busy = true;
    const hadFocus = this.box.contains(document.activeElement);
    this.show();
    const reply = await this.record(ask, {}, this.answer);
    this.busy = false;
    if (reply?.answer === "done") closeForm(this.form);
    this.show();
    if (hadFocus && isFocusLost()) this.focus();
  }
  // After what was recorded: to the record, and never to what the next key would record.
  focus() {
    (this.ending.record.querySelector("a") ?? this.box).focus({ preventScroll: true });
  }
}
