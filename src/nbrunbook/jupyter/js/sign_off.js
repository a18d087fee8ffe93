// The panel at the end: what is left, in the kernel's words, and the buttons that it offers.
import { button, make, status, submitButton } from "./elements.js";
import { closeForm, showForm } from "./forms.js";
import { Panel } from "./panel.js";

export class SignOff extends Panel {
  draw() {
    this.words = make("div");
    this.actions = make("span", { className: "nbr-actions" });
    this.form = make("span", { className: "nbr-holder" });
    this.answer = status("nbr-answer");
    const title = make("h2", { textContent: "Sign-off" });
    const parts = [title, this.words, this.actions, this.form, this.answer];
    this.body.replaceChildren(make("div", { className: "nbr-sign-off" }, ...parts));
  }
  show() {
    this.showAlarm();
    const { lines, offers } = this.view;
    this.words.replaceChildren(...lines.flatMap(({ words, items }) => [paragraph(words), ...list(items)]));
    this.showOffers(offers);
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
    this.show();
    const reply = await this.record(ask, {}, this.answer);
    this.busy = false;
    if (reply?.answer === "done") closeForm(this.form);
    this.show();
  }
}

function paragraph(words) {
  return make("p", { textContent: words });
}

function list(items) {
  return items.length ? [make("ul", {}, ...items.map((words) => make("li", { textContent: words })))] : [];
}
