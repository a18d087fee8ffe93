// The panel at the end: what is left, in the kernel's words, and the buttons that it offers.
import { button, make, status } from "./elements.js";
import { Panel } from "./panel.js";

export class SignOff extends Panel {
  draw() {
    this.words = make("div");
    this.actions = make("span", { className: "nbr-actions" });
    this.answer = status("nbr-answer");
    const title = make("h2", { textContent: "Sign-off" });
    const box = make("div", { className: "nbr-sign-off" }, title, this.words, this.actions, this.answer);
    this.body.replaceChildren(box);
  }
  show() {
    this.showAlarm();
    const { lines, offers } = this.view;
    this.words.replaceChildren(...lines.flatMap(({ words, items }) => [paragraph(words), ...list(items)]));
    this.showOffers(offers);
  }
  showOffers(offers) {
    const key = JSON.stringify(offers.map((offer) => offer.ask));
    if (this.actions.dataset.shown !== key) {
      this.actions.dataset.shown = key;
      this.actions.replaceChildren(...offers.map((offer) => button(offer.words, () => this.send(offer.ask))));
    }
    for (const [index, each] of [...this.actions.children].entries()) {
      each.className = "nbr-main";
      each.disabled = !this.live || this.busy || Boolean(offers[index].held);
    }
  }
  async send(ask) {
    this.busy = true;
    this.show();
    await this.record(ask, {}, this.answer);
    this.busy = false;
    this.show();
  }
}

function paragraph(words) {
  return make("p", { textContent: words });
}

function list(items) {
  return items.length ? [make("ul", {}, ...items.map((words) => make("li", { textContent: words })))] : [];
}
