// A step that the machine does, in its row: a sign of where it stands, the run that goes on, and what came out.
import { Board, CONTROLS } from "./board.js";
import { button, make, setText, status, tell, text } from "./elements.js";
import { icon } from "./icons.js";
import { ANSWER_MS } from "./kernel.js";
import { Output } from "./output.js";
import { lasting } from "./time.js";

const GOES_ON = ["running", "holding", "paused", "stopping", "unknown"];
const QUIET = ["running", "holding", "stopping"]; // what a screen reader is not told while it goes on
const WORDS = ["it-ran", "it-did-not"]; // an operator's, on a run of which nobody knows
export const APART = [...WORDS, ...CONTROLS]; // what is asked beside what is said of a run
const LOOK = "Look whether it did its work, and say what you know:";
const GO_ON = "It can go on where it stood. Or say what you know:";

// Shows it in a row, which gets what that takes with the first such step: a runbook has thousands of others.
export function showRun(row, step) {
  if (step.run && !row.run) {
    row.run = new Run(row);
    row.run.place();
  }
  row.run?.show(step);
}

class Run {
  constructor(row) {
    this.row = row;
    this.sign = make("span", { className: "nbr-sign-of-run" });
    this.sign.setAttribute("role", "img");
    this.said = make("div", { className: "nbr-run-said" });
    this.asks = make("div", { className: "nbr-asks" });
    this.lines = make("pre", { className: "nbr-run-lines", hidden: true });
    this.ended = status("nbr-hidden");
    this.output = new Output(row);
    this.board = null; // a batch's
    this.controls = make("div", { className: "nbr-controls", hidden: true });
    // What is read at once stands above what is folded.
    this.above = make("div", { className: "nbr-run", hidden: true });
    this.above.append(this.said, this.lines, this.asks, this.controls, this.ended);
  }
  place() {
    this.row.item.querySelector(":scope > .nbr-head").after(this.above);
    this.row.folds.prepend(this.output.element);
  }
  show(step) {
    const { run } = step;
    this.above.hidden = !run;
    this.output.show(run?.output ?? "");
    if (!run) return;
    this.row.item.dataset.run = run.is;
    this.showSign(step);
    this.showSaid(run);
    this.showAsks(run);
    this.showBoard(step);
    this.lines.hidden = !(GOES_ON.includes(run.is) && run.lines.length);
    setText(this.lines, run.lines.join("\n"));
    this.announce(step);
  }
  showSign({ run, title }) {
    const name = `${title}: ${run.words}`;
    if (this.sign.getAttribute("aria-label") === name) return;
    this.sign.setAttribute("aria-label", name);
    this.sign.title = run.words;
    this.sign.replaceChildren(icon(run.is));
  }
  showSaid({ is, said }) {
    const shown = JSON.stringify([is, said]);
    if (this.said.dataset.shown === shown) return;
    this.said.dataset.shown = shown;
    this.said.replaceChildren(...text("nbr-message", said));
  }
  showAsks({ is, host, board }) {
    const offers = this.row.offers.filter(({ ask }) => WORDS.includes(ask));
    const shown = JSON.stringify([is, host, Boolean(board), offers]);
    if (this.asks.dataset.shown !== shown) {
      this.asks.dataset.shown = shown;
      const buttons = offers.map((offer) => {
        return button(offer.words, () => this.row.act(offer), nameOf(offer, this.row.step.title));
      });
      this.asks.replaceChildren(...(buttons.length ? [board ? GO_ON : LOOK, " ", ...buttons] : []));
    }
    for (const each of this.asks.querySelectorAll("button")) each.disabled = !this.row.isFree;
  }
  // The board of what is done is folded away with the rest of its step.
  showBoard(step) {
    const { run, title, status: is } = step;
    const offers = this.row.offers.filter(({ ask }) => CONTROLS.includes(ask));
    const shown = JSON.stringify([title, offers]);
    this.controls.hidden = !offers.length;
    if (this.controls.dataset.shown !== shown) {
      this.controls.dataset.shown = shown;
      this.controls.replaceChildren(...offers.map((offer) => this.row.makeButton(step, offer)));
    }
    for (const each of this.controls.children) each.disabled = !this.row.isFree || "held" in each.dataset;
    if (!run.board && !this.board) return;
    this.board ??= new Board(this.row);
    const settled = is === "done" || is === "skipped";
    const place = settled ? this.row.folds : this.above;
    if (this.board.element.parentElement !== place) place.append(this.board.element);
    this.board.show(run.board, { title, settled });
  }
  // A screen reader hears of the end of a run, not of each of its lines.
  announce({ run, title, evidence }) {
    if (GOES_ON.includes(this.was) && run.is !== this.was && !QUIET.includes(run.is)) {
      setText(
        this.ended,
        [`${title}: ${run.words}`, run.said || run.board?.words || evidence].filter(Boolean).join(". "),
      );
    }
    this.was = run.is;
  }
  // What stands among the facts: how long it runs, or how long nothing was heard of it; `showTimes` fills it in.
  facts({ run }) {
    if (!run || !GOES_ON.includes(run.is)) return [];
    const attempt = run.attempt > 1 ? text("nbr-attempt", `attempt ${run.attempt}`) : [];
    return [make("span", { className: "nbr-elapsed" }), ...attempt];
  }
  showTimes(now) {
    const run = this.row.step?.run;
    const place = run && this.row.facts.querySelector(".nbr-elapsed");
    if (place) setText(place, elapsed(run, now));
  }
  // To stop a run is no event: that it was asked to is seen in its row, and asking again does no harm.
  async stop() {
    const { row } = this;
    row.busy = true;
    tell(row.answer, "asking", "Asking it to stop…");
    row.panel.show();
    const reply = await row.panel.ask("stop", { step: row.id }, ANSWER_MS);
    row.busy = false;
    if (reply?.answer === "done") tell(row.answer, "", "");
    else if (reply?.answer === "refused") tell(row.answer, "refused", `Not stopped, because ${reply.why}`);
    else tell(row.answer, "unknown", "Not known whether it was asked to stop: this row shows it once it was.");
    row.panel.show();
  }
}

function nameOf({ words }, title) {
  return `${words.replace("…", "")}: ${title}`;
}

function elapsed({ is, since, silent_since, host }, now) {
  const silent = silent_since ? `for ${lasting(now - Date.parse(silent_since))}` : "";
  if (is === "unknown") return host ? `not heard of on ${host} ${silent}` : "nothing is heard of it";
  const length = lasting(now - Date.parse(since));
  if (["holding", "paused"].includes(is)) return `${is}, begun ${length} ago`;
  return `running for ${length}${is === "stopping" ? ", asked to stop" : ""}`;
}
