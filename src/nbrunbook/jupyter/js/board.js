// The board of a batch: where it stands in each of its databases, the worst first. What has changed is fetched, row by row.
import { button, make, setText, status, tell } from "./elements.js";
import { icon } from "./icons.js";
import { ANSWER_MS } from "./kernel.js";
import { folded } from "./search.js";

const FIRST = 12; // databases that are shown before somebody asks for more
const FEW = 15; // up to so many are all shown
const ASK_MS = 30000; // a database may be far away
const COLUMNS = ["Database", "Progress", "Rows", "Rate", "Time left", "Chunk", "Why"];
export const CONTROLS = ["pause", "resume", "resize", "rerun", "join"]; // what is asked of a batch beside its verb

export class Board {
  constructor(row) {
    Object.assign(this, { row, lines: new Map(), order: [], seen: "", wanted: "", asked: "", all: false });
    this.sum = make("span", { className: "nbr-board-sum" });
    this.bar = new Bar();
    this.summary = make("summary", {}, this.sum, this.bar.element);
    this.head = line(...COLUMNS.map((words) => cell("columnheader", words)));
    this.body = make("div");
    this.body.setAttribute("role", "rowgroup");
    this.table = make("div", { className: "nbr-databases" }, this.head, this.body);
    this.table.setAttribute("role", "table");
    this.table.tabIndex = -1; // it may scroll in its box
    this.none = make("p", { className: "nbr-about", textContent: "No database of that name.", hidden: true });
    this.find = this.makeFind();
    this.more = button("", () => this.showAll(!this.all));
    this.foot = make("div", { className: "nbr-board-foot", hidden: true }, this.find, this.more);
    this.refused = new Refused(row);
    this.element = make("details", { className: "nbr-board", hidden: true });
    this.element.append(this.summary, this.table, this.none, this.foot, this.refused.element);
    this.element.addEventListener("toggle", () => this.fetch());
  }
  makeFind() {
    const find = make("input", { type: "search", placeholder: "Find a database", autocomplete: "off" });
    find.setAttribute("aria-label", "Find a database");
    find.addEventListener("input", () => this.layOut());
    find.addEventListener("keydown", (key) => {
      key.stopPropagation(); // no key of a text is Jupyter's
      if (key.key !== "Escape") return;
      find.value = "";
      this.layOut();
      this.row.focus();
    });
    return find;
  }
  // `board` is what is told of it all; null where nothing is known. One of a step that is settled is folded.
  show(board, { title, settled }) {
    this.element.hidden = !board;
    if (!board) return;
    if (this.settled !== settled) this.element.open = !settled;
    this.settled = settled;
    this.table.setAttribute("aria-label", `Databases: ${title}`);
    setText(this.sum, board.words);
    this.bar.show(board.share);
    this.element.dataset.done = String(board.share === 1);
    this.refused.show(board.refused ?? 0, title);
    this.wanted = board.seen;
    this.fetch();
  }
  // Silence is asked again with the next change.
  async fetch() {
    if (!this.element.open || this.asking || this.asked === this.wanted) return;
    this.asking = true;
    this.asked = this.wanted;
    const { panel, id } = this.row;
    const reply = await panel.ask("board", { step: id, seen: this.seen }, ANSWER_MS);
    this.asking = false;
    if (reply?.answer !== "done") {
      this.asked = "";
      return;
    }
    this.learn(reply);
    this.fetch();
  }
  learn({ seen, rows, order }) {
    this.seen = seen;
    for (const each of rows) {
      if (!this.lines.has(each.name)) this.lines.set(each.name, new Line());
      this.lines.get(each.name).show(each);
    }
    if (order) this.order = order;
    const isRead = this.table.matches(":hover") && order && this.shown?.length; // what is pointed at stays in its place
    if (!isRead || this.shown.some((name) => !order.includes(name))) this.layOut();
  }
  showAll(all) {
    this.all = all;
    this.layOut();
  }
  layOut() {
    const { length } = this.order;
    const words = folded(this.find.value.trim());
    const isLong = length > FEW;
    const found = words ? this.order.filter((name) => this.lines.get(name).isCalled(words)) : this.order;
    const shown = isLong && !this.all && !words ? found.slice(0, FIRST) : found;
    this.foot.hidden = !isLong;
    this.more.hidden = words !== "";
    setText(this.more, this.all ? `Show the first ${FIRST} only` : `Show all ${length} databases`);
    this.none.hidden = shown.length > 0 || !words;
    this.table.classList.toggle("nbr-scrolls", shown.length > FEW);
    if (JSON.stringify(shown) === JSON.stringify(this.shown)) return;
    this.shown = shown;
    this.body.replaceChildren(...shown.map((name) => this.lines.get(name).element));
  }
}

// The rows that were refused, to unfold: their databases are asked when somebody wants to see them.
class Refused {
  constructor(row) {
    Object.assign(this, { row, count: 0 });
    this.summary = make("summary");
    this.answer = status("nbr-answer");
    this.list = make("ul");
    this.element = make("details", { className: "nbr-refused", hidden: true }, this.summary, this.list, this.answer);
    this.element.addEventListener("toggle", () => this.load());
  }
  show(count, title) {
    this.element.hidden = !count;
    if (this.count === count) return;
    this.count = count;
    setText(this.summary, `Refused rows (${count.toLocaleString("en")})`);
    this.summary.setAttribute("aria-label", `Refused rows: ${title}`);
    this.load();
  }
  async load() {
    if (!this.element.open || !this.count) return;
    tell(this.answer, "asking", "Asking the databases…");
    const reply = await this.row.panel.ask("refused", { step: this.row.id }, ASK_MS);
    if (reply?.answer !== "done")
      return tell(this.answer, "refused", reply?.why ?? "No answer from the databases yet.");
    const away = reply.away.length ? `Not to be asked now: ${reply.away.join(", ")}. ` : "";
    const rest = reply.rows.length < this.count ? "'nbrunbook batch status --refused' shows all." : "";
    tell(this.answer, "", away + rest);
    this.list.replaceChildren(...reply.rows.map(refusedRow));
  }
}

function refusedRow({ database, row, error }) {
  return make("li", { dir: "auto", textContent: `${database}, ${row}: ${error}` });
}

class Bar {
  constructor() {
    this.done = make("span");
    this.element = make("span", { className: "nbr-bar" }, this.done);
    this.element.setAttribute("aria-hidden", "true"); // the numbers beside it say the same
  }
  show(share) {
    this.element.classList.toggle("nbr-bar-unknown", share === undefined);
    this.done.style.width = `${100 * (share ?? 0)}%`;
  }
}

// One database.
class Line {
  constructor() {
    this.sign = make("span", { className: "nbr-db-sign" });
    this.name = make("span", { className: "nbr-db-name", dir: "auto" });
    this.bar = new Bar();
    this.share = make("span", { className: "nbr-db-share" });
    this.cells = Object.fromEntries(["rows", "rate", "left", "size", "why"].map((name) => [name, cell("cell")]));
    for (const [name, each] of Object.entries(this.cells)) each.className = `nbr-db-${name}`;
    this.cells.why.dir = "auto";
    const name = cell("rowheader", "", this.sign, this.name);
    const progress = cell("cell", "", this.bar.element, this.share);
    name.className = "nbr-db-head";
    progress.className = "nbr-db-progress";
    this.element = line(name, progress, ...Object.values(this.cells));
  }
  show(row) {
    const { name, state, share, percent } = row;
    if (this.element.dataset.state !== state) this.sign.replaceChildren(icon(state));
    this.element.dataset.state = state;
    this.element.classList.toggle("nbr-db-bad", Boolean(row.bad));
    setText(this.name, name);
    this.bar.show(share);
    setText(this.share, percent ?? "");
    for (const [key, each] of Object.entries(this.cells)) setText(each, row[key] ?? "");
    this.words = folded(`${name} ${row.words} ${row.why ?? ""}`);
  }
  isCalled(words) {
    return this.words.includes(words);
  }
}

function line(...cells) {
  const made = make("div", { className: "nbr-db" }, ...cells);
  made.setAttribute("role", "row");
  return made;
}

function cell(role, textContent = "", ...children) {
  const made = make("span", { textContent }, ...children);
  made.setAttribute("role", role);
  return made;
}
