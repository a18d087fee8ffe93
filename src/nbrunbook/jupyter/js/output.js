// What a run wrote, to unfold: it is fetched when somebody asks for it, and shown as text.
import { button, make, setText, status, tell } from "./elements.js";
import { saveAnswer } from "./evidence.js";
import { ANSWER_MS } from "./kernel.js";

const NOTHING = "No answer from the kernel: what it wrote is in the journal all the same.";

export class Output {
  constructor(row) {
    Object.assign(this, { row, run: "" });
    this.answer = status("nbr-answer");
    this.content = make("div");
    this.summary = make("summary", { textContent: "Output" });
    this.element = make("details", { className: "nbr-output", hidden: true }, this.summary, this.content, this.answer);
    this.element.addEventListener("toggle", () => this.load());
  }
  // Of a run by the id of its end; empty while one goes on, and where nothing was written.
  show(run) {
    this.element.hidden = !run;
    if (this.run === run) return;
    this.run = run;
    this.loaded = "";
    this.summary.setAttribute("aria-label", `Output: ${this.row.step.title}`);
    this.content.replaceChildren();
    this.load();
  }
  async load() {
    const { run, row } = this;
    if (!this.element.open || !run || this.loaded === run) return;
    this.loaded = run;
    tell(this.answer, "asking", "Fetching it…");
    const reply = await row.panel.ask("output", { step: row.id, run }, ANSWER_MS);
    if (this.run !== run) return;
    if (reply?.answer !== "done") this.loaded = ""; // opening it again asks again
    if (reply?.answer !== "done") return tell(this.answer, "refused", reply?.why ?? NOTHING);
    tell(this.answer, "", "");
    this.fill(reply);
  }
  fill({ text, traceback, about, log }) {
    const save = () => saveAnswer(this.row.panel, "log", { step: this.row.id, run: this.run }, this.answer);
    const more = make("p", { className: "nbr-cut" }, about, " ", log ? button("Save all of it", save) : "");
    const all = [about ? more : "", ...written(text, "Output"), ...written(traceback, "Traceback")];
    this.content.replaceChildren(...all.filter(Boolean));
  }
}

function written(text, name) {
  if (!text.trim()) return [];
  const pre = make("pre", { tabIndex: 0 });
  pre.setAttribute("role", "group");
  pre.setAttribute("aria-label", name);
  pre.dir = "auto";
  setText(pre, text);
  return [pre];
}
