// One line on what a sign-off has closed, and the record of it: a page of its own.
import { make, setText } from "./elements.js";
import { projectAddress } from "./links.js";

export class Ending {
  constructor() {
    this.words = make("strong");
    this.record = make("span", { className: "nbr-record" });
    this.element = make("span", { className: "nbr-ended", hidden: true }, this.words, this.record);
  }
  // `words` say what the record is called here.
  show({ ended, record, record_link }, model, words) {
    this.element.hidden = !ended;
    setText(this.words, ended);
    const href = record_link && projectAddress(record_link, model);
    const key = JSON.stringify([record, href]);
    if (this.record.dataset.shown === key) return;
    this.record.dataset.shown = key;
    const link = make("a", { href, target: "_blank", rel: "noopener", textContent: words(record) });
    this.record.replaceChildren(...(href ? [link] : record ? [`Its record: ${record}`] : []));
  }
}
