// The browser's side of a panel. It holds no rule and no truth: it shows what the kernel says,
// sends clicks, and never takes silence for an answer. Whatever was typed is set as text.

const ANSWER_MS = 8000; // longer than the session waits for the journal's lock (4 s)
const BEAT_MS = 1500;
const SILENCE_MS = 4000;
const STILL_ASKING = "Asking the kernel whether this runbook is live…";
const STILL_SILENT = "No answer from the kernel yet. If this stays, reload the page and choose Run > Run All Cells.";
const GONE = "No answer from the kernel: nothing can be recorded now.";
const NOBODY = "the Jupyter server does not answer who you are; try again";
const LARGEST_FILE = 5_000_000; // a larger message closes the kernel's websocket
const SCROLLS = 600; // characters from which on a text scrolls in its box, which the keyboard has to reach
const MINE = "\u0000mine"; // no owner can be called so
const NAME_KEPT = "nbrunbook-operator";
const WAY_BACK = " If it does not come back, choose Run > Run All Cells: what the journal holds is shown again.";

// One heart a kernel: it watches whether the kernel answers, for all panels on the page.
const hearts = (globalThis.nbrunbookHearts ??= new Map());

class Heart {
  constructor() {
    this.panels = new Set();
    this.live = "asking";
    this.operator = "";
    this.known = "";
    this.aheadMs = 0; // of the kernel's clock before the browser's
    this.next = null; // the next open step, as the header knows it
    this.only = null; // whose steps are shown; null for everybody's
    this.owners = {};
    this.heard = Date.now();
    this.timer = setInterval(() => this.beat(), BEAT_MS);
    this.clock = setInterval(() => this.panels.forEach((panel) => panel.showTimes()), 1000);
  }
  static of(instance) {
    if (!hearts.has(instance)) hearts.set(instance, new Heart());
    return hearts.get(instance);
  }
  add(panel) {
    this.panels.add(panel);
    panel.setLive(this.live);
  }
  remove(panel, instance) {
    this.panels.delete(panel);
    if (this.panels.size === 0) {
      clearInterval(this.timer);
      clearInterval(this.clock);
      hearts.delete(instance);
    }
  }
  set(live) {
    this.live = live;
    for (const panel of this.panels) panel.setLive(live);
  }
  get silentMs() {
    return Date.now() - this.heard;
  }
  async beat() {
    if (this.silentMs > SILENCE_MS && this.live === "live") this.set("gone");
    if (this.silentMs > 2 * SILENCE_MS && this.live === "asking") this.panels.forEach((panel) => panel.showAlarm());
    const [panel] = this.panels;
    if (!panel || this.asking) return;
    this.asking = true;
    const reply = await panel.ask(this.live === "live" ? "beat" : "hello", {}, SILENCE_MS);
    this.asking = false;
    if (!reply) return;
    this.heard = Date.now();
    this.aheadMs = Date.parse(reply.now) - Date.now();
    const other = this.operator !== reply.operator || this.known !== reply.known;
    Object.assign(this, { operator: reply.operator, known: reply.known });
    if (this.live !== "live") this.set("live");
    else if (other) this.showAll();
  }
  showAll() {
    for (const panel of this.panels) panel.show();
  }
  // Whether a step is one of those that the operator wants to see.
  wants(step) {
    if (this.only === null) return true;
    if (this.only !== MINE) return step.owner === this.only;
    const mine = [this.operator.toLowerCase(), ...(this.owners[this.operator] ?? [])];
    return mine.includes(step.owner.toLowerCase()) || (step.taken_by !== "" && step.taken_by === this.operator);
  }
}

// Jupyter's own word on who sits at this browser; the kernel decides what it is worth.
// Resolves with "" where Jupyter names nobody, and with null where it did not answer: then it is asked again.
let identity;
async function whoAmI() {
  identity ??= askJupyter();
  const name = await identity;
  if (name === null) identity = undefined;
  return name;
}

// What the page's Jupyter says of itself; nothing elsewhere, such as in VS Code.
function jupyterConfig() {
  return JSON.parse(document.getElementById("jupyter-config-data")?.textContent ?? "{}");
}

async function askJupyter() {
  try {
    const config = jupyterConfig();
    if (!config.baseUrl) return "";
    const headers = config.token ? { Authorization: `token ${config.token}` } : {};
    const address = new URL("api/me", new URL(config.baseUrl, location.href));
    const response = await fetch(address, { headers, signal: AbortSignal.timeout(SILENCE_MS) });
    if (response.ok) return String((await response.json()).identity?.username ?? "");
    return response.status < 500 ? "" : null; // a server that does not know, or will not tell
  } catch {
    return null;
  }
}

// A name that somebody typed counts only where Jupyter names nobody. It stays with this tab of the browser.
function typedName() {
  try {
    return sessionStorage.getItem(NAME_KEPT) ?? "";
  } catch {
    return "";
  }
}

function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter((child) => child !== ""));
  return element;
}

class Panel {
  constructor(model, el) {
    this.model = model;
    this.waiting = new Map();
    this.root = make("div", { className: "nbr" });
    // Jupyter's keys must not act on a cell while a panel has the focus: it looks at the focused element first.
    this.root.addEventListener("focusin", (focus) => (focus.target.dataset.lmSuppressShortcuts = "true"));
    this.alarm = status("nbr-alarm");
    this.body = make("div");
    this.root.append(this.alarm, this.body);
    this.root.dataset.dark = String(document.body.dataset.jpThemeLight === "false");
    el.append(this.root);
    this.onMessage = (message, buffers) => this.hear(message, buffers);
    model.on("msg:custom", this.onMessage);
    this.instance = model.get("instance");
    this.heart = Heart.of(this.instance);
    this.draw();
    this.heart.add(this);
    this.heart.beat();
    this.onView = () => this.show();
    this.onDrawn = () => { this.draw(); this.show(); };
    model.on("change:view", this.onView);
    model.on("change:drawn", this.onDrawn);
  }
  close() {
    this.heart.remove(this, this.instance);
    this.model.off("msg:custom", this.onMessage);
    this.model.off("change:view", this.onView);
    this.model.off("change:drawn", this.onDrawn);
  }
  // The header alone says what holds for all panels: how to come back, and the journal's trouble.
  get wayBack() {
    return "";
  }
  get tellTrouble() {
    return false;
  }
  get view() {
    return this.model.get("view");
  }
  get live() {
    return this.heart?.live === "live";
  }
  setLive(live) {
    this.root.dataset.live = live;
    this.show();
  }
  showTimes() {}
  showAlarm() {
    const trouble = this.view.trouble ?? "";
    this.root.dataset.trouble = String(this.tellTrouble && Boolean(trouble));
    const live = this.heart?.live;
    const asking = this.heart?.silentMs > 2 * SILENCE_MS ? STILL_SILENT : STILL_ASKING;
    const words = live === "asking" ? asking : live === "gone" ? GONE + this.wayBack : this.tellTrouble && trouble ? `The journal cannot be read just now: ${trouble}` : "";
    setText(this.alarm, words);
  }
  hear(message, buffers) {
    const answer = this.waiting.get(message?.reply_to);
    if (!answer) return;
    this.waiting.delete(message.reply_to);
    answer({ ...message, buffers });
  }
  // Resolves with the kernel's reply, or with null when it stayed silent.
  async ask(ask, more, limit, buffers = []) {
    const id = newId();
    const username = await whoAmI();
    if (username === null && more.event && ask !== "find") return { answer: "refused", why: NOBODY };
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      setTimeout(() => {
        if (this.waiting.delete(id)) resolve(null);
      }, limit);
      try {
        this.model.send({ ask, id, username: username ?? "", typed: typedName(), ...more }, {}, buffers);
      } catch {
        // A comm that is closed: silence is what it is, and is told as such.
      }
    });
  }
  // Sends one event and tells its answer: done, refused, or not known yet.
  async record(ask, { buffers, ...more }, tell) {
    const event = newId();
    tell("asking", "Writing it to the journal…");
    let reply = await this.ask(ask, { event, ...more }, ANSWER_MS, buffers);
    while (!reply || reply.answer === "unknown") {
      const why = reply?.why ? ` (${reply.why})` : "";
      tell("unknown", `Not known yet whether it was recorded: looking in the journal…${why}`);
      if (!this.root.isConnected) return null;
      await new Promise((resolve) => setTimeout(resolve, reply ? 1000 : 0));
      reply = await this.ask("find", { event }, ANSWER_MS);
    }
    if (reply.answer === "refused") tell("refused", `Not recorded, because ${reply.why}`);
    else tell("", "");
    return reply;
  }
}

class Checklist extends Panel {
  draw() {
    const before = this.rows ?? new Map(); // what somebody types there now must survive
    const focused = this.root.contains(document.activeElement) ? document.activeElement : null;
    this.body.innerHTML = this.model.get("drawn"); // sanitised by the kernel: nh3, our own boxes
    this.body.querySelectorAll(":scope > .nbr-about").forEach((each) => each.remove());
    this.about ??= make("div");
    this.putIn = new Map(); // sections that came with a revision: where what holds for each is told
    for (const section of this.body.querySelectorAll(":scope > .nbr-section")) {
      section.querySelectorAll(":scope > .nbr-about").forEach((each) => each.remove());
      const about = make("div");
      const heading = section.querySelector(":scope > h2");
      if (heading) heading.after(about);
      else section.prepend(about);
      this.putIn.set(section.dataset.section, about);
    }
    this.foot ??= this.makeFoot();
    this.body.prepend(this.about);
    this.body.append(this.foot);
    this.rows = new Map();
    for (const item of this.body.querySelectorAll("[data-step]")) this.adopt(item, before.get(item.dataset.step));
    rewriteLinks(this.body);
    for (const block of this.body.querySelectorAll("pre")) addCopy(block);
    if (focused && document.activeElement !== focused) focused.focus();
  }
  adopt(item, before) {
    const id = item.dataset.step;
    const row = item.querySelector(".nbr-row");
    const badges = [...row.querySelectorAll(".nbr-badge")];
    row.replaceChildren();
    const parts = {
      badges,
      facts: before?.facts ?? make("span", { className: "nbr-facts" }),
      actions: before?.actions ?? make("span", { className: "nbr-actions" }),
      form: before?.form ?? make("span", { className: "nbr-holder" }),
      answer: before?.answer ?? status("nbr-answer"),
      buttons: before?.buttons,
      meantFor: before?.meantFor,
      busy: before?.busy,
      item,
    };
    row.append(parts.facts, parts.actions, parts.form, parts.answer);
    const box = item.querySelector(".nbr-box");
    if (box) {
      parts.check = before?.check ?? this.makeCheck(id);
      box.removeAttribute("title");
      box.replaceChildren(parts.check);
    }
    this.rows.set(id, parts);
  }
  makeCheck(id) {
    const check = make("input", { type: "checkbox", className: "nbr-check", disabled: true });
    check.addEventListener("click", (click) => {
      click.preventDefault(); // the box changes only when the journal says so
      this.clicked(id);
    });
    check.addEventListener("keydown", (key) => {
      if (key.key !== "Enter") return;
      key.preventDefault(); // the same key must not press what it has just opened
      if (!key.repeat) this.clicked(id);
    });
    return check;
  }
  makeFoot() {
    this.add = button("Add a step…", () => this.addForm());
    this.next = button("", () => jump(this.heart.next));
    this.addHolder = make("span", { className: "nbr-holder" });
    this.added = status("nbr-answer");
    this.hiddenCount = make("span", { className: "nbr-hides" });
    const actions = make("span", { className: "nbr-actions" }, this.next, this.add);
    return make("div", { className: "nbr-foot" }, this.hiddenCount, actions, this.addHolder, this.added);
  }
  show() {
    if (!this.rows) return;
    this.showAlarm();
    const view = this.view;
    this.showAbout(this.about, view);
    for (const [id, place] of this.putIn) if (view.put_in?.[id]) this.showAbout(place, view.put_in[id]);
    for (const [id, parts] of this.rows) if (view.steps?.[id]) this.showStep(id, parts, view.steps[id]);
    this.showWanted();
    this.showFoot();
    this.showTimes();
  }
  showAbout(place, section) {
    place.replaceChildren(...(section.about ?? []).map((words) => make("p", { className: "nbr-about", textContent: words })));
    if (!section.closed_by) return;
    const answer = status("nbr-answer");
    const open = button("Open this section", () => this.record("open", { step: section.closed_by }, (kind, words) => tell(answer, kind, words)));
    open.disabled = !this.live || this.view.state !== "open";
    place.append(open, answer);
  }
  showWanted() {
    let hidden = 0;
    for (const [id, parts] of this.rows) {
      const below = [...parts.item.querySelectorAll("[data-step]")].map((each) => each.dataset.step);
      const wanted = [id, ...below].some((each) => this.view.steps?.[each] && this.heart?.wants(this.view.steps[each]));
      parts.item.classList.toggle("nbr-unwanted", !wanted);
      if (!wanted && parts.check) hidden += 1;
    }
    this.hiddenCount.textContent = hidden ? `${hidden} of somebody else's not shown here (see “Show” in the header).` : "";
  }
  showFoot() {
    const steps = Object.values(this.view.steps ?? {});
    const settled = steps.length > 0 && steps.every((step) => step.status !== "open");
    const next = this.heart?.next;
    this.next.hidden = !(settled && next);
    if (next) setText(this.next, `Next open step: ${cut(next.title, 60)}`);
    this.add.hidden = this.view.state !== "open" || Boolean(this.view.closed_by) || steps.length === 0;
    this.add.disabled = !this.live;
  }
  showStep(id, parts, step) {
    const open = step.status === "open";
    const workable = this.live && this.view.state === "open" && !parts.busy;
    if (parts.item.dataset.status !== step.status && open && !parts.busy) tell(parts.answer, "", "");
    parts.item.dataset.status = step.status;
    if (parts.check) {
      parts.check.checked = step.status === "done";
      parts.check.indeterminate = step.status === "skipped";
      const held = open ? step.waiting !== "" || step.closed : step.irreversible || step.where !== "" || step.status === "not-applicable";
      parts.check.disabled = !workable || held;
      parts.check.setAttribute("aria-label", `${step.title}: ${step.status}`);
    }
    const facts = JSON.stringify([step.due, step.overdue, step.waiting, step.line, step.reworded, step.evidence, step.file, step.notes, parts.badges.map((badge) => badge.textContent)]);
    if (parts.facts.dataset.shown !== facts || parts.facts.childElementCount < parts.badges.length) {
      parts.facts.dataset.shown = facts;
      parts.facts.replaceChildren(...parts.badges, ...this.facts(id, step));
    }
    this.showActions(id, parts, step, open, workable);
    const late = parts.meantFor && parts.meantFor !== step.status; // somebody else was faster than this form
    for (const each of parts.form.querySelectorAll("button:not(.nbr-cancel)")) each.disabled = !workable || late;
  }
  facts(id, step) {
    const save = step.file && button(`Save ${step.file}`, () => this.save(id));
    return [
      ...text("nbr-due" + (step.overdue ? " nbr-overdue" : ""), step.due + (step.overdue ? ": overdue" : "")),
      ...text("nbr-waiting", step.waiting && `Not yet: ${step.waiting}`),
      ...text("nbr-line", step.line),
      ...text("nbr-reworded", step.reworded),
      ...evidence(step.evidence, save),
      ...step.notes.flatMap((note) => text("nbr-note", note)),
    ];
  }
  showActions(id, parts, step, open, workable) {
    const actions = [];
    if (!step.group && step.status !== "not-applicable" && !(open && step.closed)) {
      if (step.reworded) actions.push(step.status === "done" ? ["Still done", () => this.stillDone(id)] : ["Still skipped…", () => this.skipForm(id, "Why is it still skipped?")]);
      if (open && step.approval) actions.push(["Approve", () => this.send(id, "approve", {})]);
      if (open && step.taken_by && step.taken_by === this.heart?.operator) actions.push(["Not on it any more", () => this.send(id, "release", {})]);
      else if (open) actions.push(["I am on it", () => this.send(id, "take", {})]);
      if (open) actions.push(["Skip…", () => this.skipForm(id)]);
      const mayUndo = step.status === "skipped" || (step.status === "done" && !step.irreversible);
      if (mayUndo && step.where === "") actions.push(["Undo…", () => this.undoForm(id)]);
      actions.push(["Note…", () => this.noteForm(id)]);
    }
    const key = JSON.stringify([step.title, ...actions.map(([name]) => name)]);
    if (parts.buttons !== key) {
      const had = parts.actions.contains(document.activeElement) ? document.activeElement.textContent : "";
      parts.buttons = key;
      parts.actions.replaceChildren(...actions.map(([name, act]) => button(name, act, `${name.replace("…", "")}: ${step.title}`)));
      if (had) ([...parts.actions.children].find((each) => each.textContent === had) ?? parts.actions.firstChild)?.focus();
    }
    for (const each of parts.actions.children) each.disabled = !workable;
  }
  // What changes with the clock alone: how long a step still waits, and until or since when it is due.
  showTimes() {
    const now = Date.now() + (this.heart?.aheadMs ?? 0);
    for (const [id, parts] of this.rows ?? []) {
      const step = this.view.steps?.[id];
      if (!step?.waiting_until && !step?.due_at) continue;
      const waiting = parts.facts.querySelector(".nbr-waiting");
      if (waiting && step.waiting_until) setText(waiting, `Not yet: ${step.waiting} (another ${span(Date.parse(step.waiting_until) - now)})`);
      const due = parts.facts.querySelector(".nbr-due");
      if (due && step.due_at) {
        const left = Date.parse(step.due_at) - now;
        setText(due, left > 0 ? `${step.due}, in ${span(left)}` : `${step.due}: overdue by ${span(-left)}`);
      }
    }
  }
  clicked(id) {
    const step = this.view.steps[id];
    if (this.rows.get(id).check.disabled) return undefined;
    if (step.status === "done" || step.status === "skipped") return this.undoForm(id);
    if (step.asks || step.irreversible) return this.doneForm(id, step);
    return this.send(id, "tick", {});
  }
  // What was done holds for the new wording too: a tick, with what is asked for now if it was not given.
  stillDone(id) {
    const step = this.view.steps[id];
    if (step.asks && !step.evidence && !step.file) return this.doneForm(id, step);
    return this.send(id, "tick", {});
  }
  async send(id, ask, more) {
    const parts = this.rows.get(id);
    if (parts.busy) return;
    parts.busy = true;
    const hadFocus = parts.item.contains(document.activeElement);
    this.show();
    const reply = await this.record(ask, { step: id, ...more }, (kind, words) => tell(parts.answer, kind, words));
    const now = this.rows.get(id) ?? parts;
    now.busy = false;
    if (reply?.answer === "done") now.form.replaceChildren();
    this.show();
    if (hadFocus && !now.item.contains(document.activeElement)) (now.check?.disabled ? now.actions.querySelector("button:not(:disabled)") : now.check)?.focus();
  }
  // A file that was given as evidence is only ever saved, never opened: it may hold anything.
  async save(id) {
    const { answer } = this.rows.get(id);
    tell(answer, "asking", "Fetching the file…");
    const reply = await this.ask("file", { step: id }, 4 * ANSWER_MS);
    if (reply?.answer !== "done") return tell(answer, "refused", reply?.why ?? "No answer from the kernel: the file is in the journal all the same.");
    tell(answer, "", "");
    const address = URL.createObjectURL(new Blob([reply.buffers[0]], { type: "application/octet-stream" }));
    make("a", { href: address, download: reply.name }).click();
    return setTimeout(() => URL.revokeObjectURL(address), 60_000);
  }
  doneForm(id, step) {
    const given = step.asks && step.asks_for !== "file" ? field(step.asks) : null;
    const file = step.asks && step.asks_for !== "link" ? fileField(step.asks_for === "file" ? step.asks : "or a file, at most 5 MB") : null;
    if (given && step.asks_for === "link") Object.assign(given.input, { inputMode: "url", placeholder: "https://…" });
    const fields = [given, file].filter(Boolean);
    const main = make("button", { type: "submit", className: step.irreversible ? "nbr-danger" : "nbr-main", textContent: step.irreversible ? `Yes, “${cut(step.title, 80)}” was done` : "Record as done" });
    const other = step.taken_by && step.taken_by !== this.heart.operator ? `${step.taken_by} is on it. ` : "";
    this.form(id, other + (step.irreversible ? "This cannot be undone." : ""), fields, [main], async () => {
      const chosen = file?.input.files[0];
      if (chosen?.size > LARGEST_FILE) return tooLarge(chosen);
      const buffers = chosen ? [await chosen.arrayBuffer()] : [];
      return { ask: "tick", evidence: given?.input.value ?? "", name: chosen?.name ?? "", buffers };
    });
  }
  undoForm(id) {
    const ask = this.view.steps[id].status === "skipped" ? "unskip" : "untick";
    const reason = field("or another reason");
    const ready = this.ready(id, ask, ["clicked by mistake", "has to be done again"]);
    this.form(id, "Why is it open again?", [reason], [submitButton("Undo")], () => ({ ask, reason: reason.input.value }), ready);
  }
  skipForm(id, words = "Why is it skipped?") {
    const reason = field("or another reason");
    const ready = this.ready(id, "skip", ["not applicable", "already done", "done automatically"]);
    this.form(id, words, [reason], [submitButton("Skip")], () => ({ ask: "skip", reason: reason.input.value }), ready);
  }
  ready(id, ask, reasons) {
    return reasons.map((words) => button(words, () => this.send(id, ask, { reason: words })));
  }
  noteForm(id) {
    const note = field("Note");
    this.form(id, "", [note], [submitButton("Add note")], () => ({ ask: "note", note: note.input.value }));
    this.rows.get(id).meantFor = null; // a note fits whatever the step has become
  }
  form(id, words, fields, buttons, read, ready = []) {
    const parts = this.rows.get(id);
    parts.meantFor = this.view.steps[id].status;
    const submit = async () => {
      const { ask, refused, ...more } = await read();
      if (refused) tell(parts.answer, "refused", refused);
      else this.send(id, ask, more);
    };
    showForm(parts.form, { words, ready, fields, buttons, submit, cancelled: () => (parts.check?.disabled ? parts.actions.firstChild : parts.check)?.focus() });
  }
  addForm() {
    const title = field("What is to be done?");
    const after = make("select");
    for (const [id, step] of Object.entries(this.view.steps)) after.append(make("option", { value: id, textContent: cut(step.title, 80) }));
    after.selectedIndex = after.options.length - 1;
    const behind = labelled("after", after);
    const submit = async () => {
      const reply = await this.record("add", { title: title.input.value, after: after.value }, (kind, words) => tell(this.added, kind, words));
      if (reply?.answer === "done") this.addHolder.replaceChildren();
    };
    showForm(this.addHolder, { fields: [title, behind], buttons: [submitButton("Add this step")], submit, cancelled: () => this.add.focus() });
  }
}

class Header extends Panel {
  get wayBack() {
    return WAY_BACK;
  }
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
    this.next = button("", () => jump(this.heart.next));
    this.note = button("Handover note…", () => this.noteForm());
    this.only = make("select");
    this.only.addEventListener("change", () => {
      this.heart.only = this.only.value || null;
      this.heart.showAll();
    });
    const show = labelled("Show", this.only).label;
    const top = make("div", { className: "nbr-top" }, this.title, this.mark, this.pulse);
    const actions = make("span", { className: "nbr-actions" }, this.next, this.note, make("span", { className: "nbr-show" }, show, this.only));
    this.box = make("div", { className: "nbr-header" }, top, this.bar, this.list, actions, this.form, this.answer, this.said);
    this.body.replaceChildren(this.box);
  }
  show() {
    if (!this.box) return;
    this.showAlarm();
    const view = this.view;
    const live = this.heart?.live ?? "asking";
    this.box.classList.toggle("nbr-production", Boolean(view.production));
    setText(this.title, `${view.release} → ${view.environment}`);
    setText(this.mark, view.production ? "PRODUCTION" : view.environment);
    this.pulse.dataset.live = live;
    setText(this.pulse, { live: "live", gone: "no answer", asking: "not live yet" }[live]);
    this.bar.max = Math.max(1, view.total);
    this.bar.value = view.settled;
    this.bar.setAttribute("aria-label", `Progress: ${view.summary}`);
    setText(this.said, view.summary);
    this.showFacts(view);
    this.showOwners(view);
    setText(this.next, view.next ? `Next open step: ${cut(view.next.title, 60)}` : "Nothing is open");
    this.next.disabled = !view.next;
    this.note.disabled = this.rename.disabled = live !== "live";
    if (this.heart && JSON.stringify(this.heart.next) !== JSON.stringify(view.next)) {
      this.heart.next = view.next;
      this.heart.panels.forEach((panel) => panel.showFoot?.());
    }
  }
  showFacts(view) {
    setText(this.who, this.heart?.operator ? `${this.heart.operator} (${this.heart.known}) ` : "…");
    this.rename.hidden = !this.heart?.operator || this.heart.known.startsWith("verified");
    this.fact("Progress", view.summary);
    this.fact("Overdue", view.overdue, "nbr-overdue");
    this.fact("State", view.words);
    this.fact("Operator", "-").replaceChildren(this.who, this.rename);
    this.fact("Journal", view.journal);
    this.fact("Template", view.revision, "nbr-revision");
    this.fact("Deployed", view.deployed);
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
    if (this.heart) this.heart.owners = view.owners_of;
    const key = JSON.stringify(view.owners);
    if (this.only.dataset.shown === key) return;
    this.only.dataset.shown = key;
    const options = [["", "everybody's steps"], [MINE, "mine"], ...view.owners.map((owner) => [owner, `those of ${owner}`])];
    this.only.replaceChildren(...options.map(([value, words]) => make("option", { value, textContent: words })));
    this.only.value = this.heart?.only ?? "";
  }
  noteForm() {
    const note = field("Note for whoever works on this next");
    const submit = async () => {
      const reply = await this.record("note", { note: note.input.value }, (kind, words) => tell(this.answer, kind, words));
      if (reply?.answer === "done") this.form.replaceChildren();
    };
    showForm(this.form, { fields: [note], buttons: [submitButton("Add note")], submit, cancelled: () => this.note.focus() });
  }
  nameForm() {
    const name = field("Your name. It is declared, and nobody vouches for it");
    name.input.value = typedName();
    const submit = () => {
      sessionStorage.setItem(NAME_KEPT, name.input.value.trim());
      this.form.replaceChildren();
      this.heart.beat();
      this.rename.focus();
    };
    showForm(this.form, { fields: [name], buttons: [submitButton("Work under this name")], submit, cancelled: () => this.rename.focus() });
  }
}

class SignOff extends Panel {
  draw() {
    this.words = make("div");
    this.sign = button("Sign off", () => this.send("sign-off"));
    this.keep = button("Write the record", () => this.send("archive"));
    this.sign.className = this.keep.className = "nbr-main";
    this.answer = status("nbr-answer");
    const title = make("h2", { textContent: "Sign-off" });
    this.body.replaceChildren(make("div", { className: "nbr-sign-off" }, title, this.words, make("span", { className: "nbr-actions" }, this.sign, this.keep), this.answer));
  }
  show() {
    if (!this.words) return;
    this.showAlarm();
    const view = this.view;
    const free = this.live && !this.busy;
    const missing = view.open?.length ? view.open : (view.unconfirmed ?? []);
    const what = view.open?.length ? "Still open" : "Reworded since done, and not confirmed";
    this.sign.hidden = view.state !== "open";
    this.sign.disabled = !free || missing.length > 0;
    this.keep.hidden = view.state !== "signed_off" || Boolean(view.archived);
    this.keep.disabled = !free;
    const lines = [];
    if (view.state !== "open") lines.push(make("p", { textContent: `This runbook is ${view.words}.` }));
    else if (missing.length === 0) lines.push(make("p", { textContent: "All that is required is settled." }));
    else lines.push(make("p", { textContent: `${what}: ${missing.length}` }), make("ul", {}, ...missing.slice(0, 12).map((title) => make("li", { textContent: title })), ...(missing.length > 12 ? [make("li", { textContent: `and ${missing.length - 12} more` })] : [])));
    if (view.state === "open" && view.optional?.length) lines.push(make("p", { textContent: `Optional and open: ${view.optional.join(", ")}` }));
    if (view.archived) lines.push(make("p", { textContent: `Its record: records/${view.archived}` }));
    this.words.replaceChildren(...lines);
  }
  async send(ask) {
    this.busy = true;
    this.show();
    await this.record(ask, {}, (kind, words) => tell(this.answer, kind, words));
    this.busy = false;
    this.show();
  }
}

function tell(element, kind, words) {
  element.dataset.kind = kind;
  setText(element, words);
}

function setText(element, words) {
  if (element.textContent !== words) element.textContent = words; // a live region must not repeat itself
}

function text(className, words) {
  if (!words) return [];
  const shown = make("span", { className, textContent: words });
  if (words.length > SCROLLS) shown.tabIndex = 0;
  return [shown];
}

function cut(words, length) {
  return words.length > length ? `${words.slice(0, length)}…` : words;
}

// How long: 2 d 3 h, 3 h 12 min, and to the second once it is less than an hour.
function span(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const [days, hours, minutes] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  const parts = days ? [days, "d", hours, "h"] : hours ? [hours, "h", minutes, "min"] : [minutes, "min", seconds % 60, "s"];
  return parts.join(" ");
}

// A link is made only of what is plainly a web address.
function webLink(value) {
  return /^https?:\/\/[^\s<>"]+$/.test(value)
    ? make("a", { href: value, textContent: value, target: "_blank", rel: "noopener noreferrer" })
    : value;
}

function evidence(value, save) {
  if (!value && !save) return [];
  const line = make("span", { className: "nbr-evidence" }, "Evidence: ", webLink(value), ...(save ? [" ", save] : []));
  if (value.length > SCROLLS) line.tabIndex = 0;
  return [line];
}

function status(className) {
  const element = make("span", { className });
  element.setAttribute("role", "status");
  return element;
}

function button(words, act, name) {
  const made = make("button", { type: "button", textContent: words });
  if (name) made.setAttribute("aria-label", name);
  made.addEventListener("click", act);
  return made;
}

function submitButton(words) {
  return make("button", { type: "submit", className: "nbr-main", textContent: words });
}

let labels = 0;
function labelled(words, input) {
  input.id = `nbr-field-${(labels += 1)}`;
  return { input, label: make("label", { textContent: words, htmlFor: input.id }) };
}

function field(words) {
  return labelled(words, make("input", { type: "text", autocomplete: "off" }));
}

function fileField(words) {
  return labelled(words, make("input", { type: "file" }));
}

function tooLarge(file) {
  const size = `${(file.size / 1e6).toFixed(1)} MB`;
  return { refused: `Not sent: ${file.name} has ${size}, and at most 5.0 MB are kept. Put it where it can be found and give a link or a note.` };
}

function showForm(place, { words = "", ready = [], fields, buttons, submit, cancelled }) {
  const form = make("form", { className: "nbr-form" });
  const close = () => {
    place.replaceChildren();
    cancelled();
  };
  const cancel = button("Cancel", close);
  cancel.className = "nbr-cancel";
  const quick = ready.length ? [make("span", { className: "nbr-ready" }, ...ready)] : [];
  form.append(...(words ? [make("strong", { textContent: words })] : []), ...quick, ...fields.flatMap((each) => [each.label, each.input]), ...buttons, cancel);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  form.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") close();
  });
  place.replaceChildren(form);
  (ready[0] ?? fields[0]?.input ?? buttons[0]).focus();
}

// A block of code in a step is there to be pasted somewhere.
function addCopy(block) {
  const copy = button("Copy", async () => {
    copy.textContent = (await copied(block.textContent)) ? "Copied" : "Not copied: select it and press Ctrl-C";
    setTimeout(() => (copy.textContent = "Copy"), 3000);
  });
  copy.className = "nbr-copy";
  copy.setAttribute("aria-live", "polite");
  const frame = make("div", { className: "nbr-code" });
  block.replaceWith(frame);
  block.tabIndex = 0; // it scrolls in its box
  frame.append(block, copy);
}

// The clipboard's own interface is there only for https and 127.0.0.1.
async function copied(words) {
  try {
    await navigator.clipboard.writeText(words);
    return true;
  } catch {
    const area = make("textarea", { value: words, className: "nbr-hidden" });
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

function jump(next) {
  const item = [...document.querySelectorAll("[data-step]")].find((each) => each.dataset.step === next?.id && each.offsetParent !== null);
  item?.scrollIntoView({ block: "center" });
  item?.querySelector("input.nbr-check, button:not(:disabled)")?.focus({ preventScroll: true });
}

// Links within the project lead to Jupyter's own view of the file; others to a new tab.
function rewriteLinks(root) {
  for (const link of root.querySelectorAll("a[href]")) {
    const target = link.getAttribute("href");
    if (/^[a-z][a-z0-9+.-]*:/i.test(target)) Object.assign(link, { target: "_blank", rel: "noopener noreferrer" });
    else if (!target.startsWith("#")) {
      const config = jupyterConfig();
      const here = decodeURIComponent(location.pathname).match(/\/(?:tree|notebooks)\/(.*)$/)?.[1] ?? "";
      const path = new URL(target, `http://x/${here.split("/").map(encodeURIComponent).join("/")}`).pathname;
      Object.assign(link, { href: `${config.baseUrl ?? "/"}files${path}`, target: "_blank" });
    }
  }
}

const ROLES = { header: Header, checklist: Checklist, "sign-off": SignOff };

export default {
  render({ model, el }) {
    const panel = new ROLES[model.get("role")](model, el);
    return () => panel.close();
  },
};
