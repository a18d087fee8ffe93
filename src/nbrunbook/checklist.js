// The browser's side of a panel. It holds no rule and no truth: it shows what the kernel says,
// sends clicks, and never takes silence for an answer. Whatever was typed is set as text.

const ANSWER_MS = 8000; // longer than the session waits for the journal's lock (4 s)
const BEAT_MS = 1500;
const SILENCE_MS = 4000;
const STILL_ASKING = "Asking the kernel whether this runbook is live…";
const GONE = "No answer from the kernel: nothing can be recorded now.";
const WAY_BACK = " If it does not come back, choose Run > Run All Cells: what the journal holds is shown again.";

// One heart a kernel: it watches whether the kernel answers, for all panels on the page.
const hearts = (globalThis.nbrunbookHearts ??= new Map());

class Heart {
  constructor() {
    this.panels = new Set();
    this.live = "asking";
    this.operator = "";
    this.heard = Date.now();
    this.timer = setInterval(() => this.beat(), BEAT_MS);
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
      hearts.delete(instance);
    }
  }
  set(live) {
    this.live = live;
    for (const panel of this.panels) panel.setLive(live);
  }
  async beat() {
    if (Date.now() - this.heard > SILENCE_MS && this.live === "live") this.set("gone");
    const [panel] = this.panels;
    if (!panel) return;
    const first = this.live !== "live";
    const reply = await panel.ask(first ? "hello" : "beat", {}, SILENCE_MS);
    if (!reply) return;
    this.heard = Date.now();
    if (reply.operator) this.operator = `${reply.operator} (${reply.known})`;
    if (first) this.set("live");
  }
}

// Jupyter's own word on who sits at this browser; the kernel decides what it is worth.
let identity;
async function whoAmI() {
  identity ??= (async () => {
    try {
      const config = JSON.parse(document.getElementById("jupyter-config-data")?.textContent ?? "{}");
      if (!config.baseUrl) return "";
      const headers = config.token ? { Authorization: `token ${config.token}` } : {};
      const response = await fetch(new URL("api/me", new URL(config.baseUrl, location.href)), { headers });
      return response.ok ? String((await response.json()).identity?.username ?? "") : "";
    } catch {
      return "";
    }
  })();
  return identity;
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
    this.root.dataset.lmSuppressShortcuts = "true"; // Jupyter's keys must not act on a cell while a panel has the focus
    this.alarm = make("div", { className: "nbr-alarm" });
    this.alarm.setAttribute("role", "status");
    this.body = make("div");
    this.root.append(this.alarm, this.body);
    this.root.dataset.dark = String(document.body.dataset.jpThemeLight === "false");
    el.append(this.root);
    this.onMessage = (message) => this.hear(message);
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
  showAlarm() {
    const trouble = this.view.trouble ?? "";
    this.root.dataset.trouble = String(this.tellTrouble && Boolean(trouble));
    const live = this.heart?.live;
    const words = live === "asking" ? STILL_ASKING : live === "gone" ? GONE + this.wayBack : this.tellTrouble && trouble ? `The journal cannot be read just now: ${trouble}` : "";
    if (this.alarm.textContent !== words) this.alarm.textContent = words;
  }
  hear(message) {
    const answer = this.waiting.get(message?.reply_to);
    if (!answer) return;
    this.waiting.delete(message.reply_to);
    answer(message);
  }
  // Resolves with the kernel's reply, or with null when it stayed silent.
  async ask(ask, more, limit) {
    const id = newId();
    const username = await whoAmI();
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      setTimeout(() => {
        if (this.waiting.delete(id)) resolve(null);
      }, limit);
      try {
        this.model.send({ ask, id, username, ...more });
      } catch {
        // A comm that is closed: silence is what it is, and is told as such.
      }
    });
  }
  // Sends one event and tells its answer: done, refused, or not known yet.
  async record(ask, more, tell) {
    const event = newId();
    tell("asking", "Writing it to the journal…");
    let reply = await this.ask(ask, { event, ...more }, ANSWER_MS);
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
    this.body.innerHTML = this.model.get("drawn"); // sanitised by the kernel: nh3, our own boxes
    this.body.querySelectorAll(":scope > .nbr-about").forEach((each) => each.remove());
    this.about = make("div");
    this.body.prepend(this.about);
    this.rows = new Map();
    for (const item of this.body.querySelectorAll("[data-step]")) this.adopt(item);
    rewriteLinks(this.body);
  }
  adopt(item) {
    const id = item.dataset.step;
    const row = item.querySelector(".nbr-row");
    const badges = [...row.querySelectorAll(".nbr-badge")];
    row.replaceChildren();
    const parts = {
      item,
      badges,
      facts: make("span", { className: "nbr-facts" }),
      actions: make("span", { className: "nbr-actions" }),
      form: make("span", { className: "nbr-holder" }),
      answer: make("span", { className: "nbr-answer" }),
    };
    parts.answer.setAttribute("role", "status");
    row.append(parts.facts, parts.actions, parts.form, parts.answer);
    const box = item.querySelector(".nbr-box");
    if (box) {
      parts.check = make("input", { type: "checkbox", className: "nbr-check", disabled: true });
      parts.check.addEventListener("click", (click) => {
        click.preventDefault(); // the box changes only when the journal says so
        this.clicked(id);
      });
      box.removeAttribute("title");
      box.replaceChildren(parts.check);
    }
    this.rows.set(id, parts);
  }
  show() {
    if (!this.rows) return;
    this.showAlarm();
    const view = this.view;
    this.about.replaceChildren(...(view.about ?? []).map((words) => make("p", { className: "nbr-about", textContent: words })));
    if (view.closed_by) {
      const open = make("button", { type: "button", textContent: "Open this section", disabled: !this.live || view.state !== "open" });
      const answer = make("span", { className: "nbr-answer" });
      open.addEventListener("click", () => this.record("open", { step: view.closed_by }, (kind, words) => tell(answer, kind, words)));
      this.about.append(open, answer);
    }
    for (const [id, parts] of this.rows) if (view.steps?.[id]) this.showStep(id, parts, view.steps[id]);
  }
  showStep(id, parts, step) {
    const open = step.status === "open";
    const workable = this.live && this.view.state === "open" && !parts.busy;
    if (parts.item.dataset.status !== step.status && !parts.busy) tell(parts.answer, "", "");
    parts.item.dataset.status = step.status;
    if (parts.check) {
      parts.check.checked = step.status === "done";
      parts.check.indeterminate = step.status === "skipped";
      const held = open ? step.waiting !== "" || this.view.closed_by !== "" : step.irreversible || step.status === "not-applicable";
      parts.check.disabled = !workable || held;
      parts.check.setAttribute("aria-label", `${step.title}: ${step.status}`);
    }
    parts.facts.replaceChildren(
      ...parts.badges,
      ...text("nbr-due" + (step.overdue ? " nbr-overdue" : ""), step.due + (step.overdue ? ": overdue" : "")),
      ...text("nbr-waiting", step.waiting && `Not yet: ${step.waiting}`),
      ...text("nbr-line", step.line),
      ...evidence(step.evidence),
      ...step.notes.flatMap((note) => text("nbr-note", note)),
    );
    const buttons = [];
    if (!step.group && step.status !== "not-applicable") {
      if (open && step.approval) buttons.push(["Approve", () => this.send(id, "approve", {})]);
      if (open) buttons.push(["Skip…", () => this.skipForm(id)]);
      if (step.status === "skipped" || (step.status === "done" && !step.irreversible)) buttons.push(["Undo…", () => this.undoForm(id)]);
      buttons.push(["Note…", () => this.noteForm(id)]);
    }
    const had = parts.actions.contains(document.activeElement) ? document.activeElement.textContent : "";
    const key = JSON.stringify([buttons.map(([name]) => name), workable]);
    if (parts.buttons !== key) {
      parts.buttons = key;
      parts.actions.replaceChildren(
        ...buttons.map(([name, act]) => {
          const button = make("button", { type: "button", textContent: name, disabled: !workable });
          button.setAttribute("aria-label", `${name.replace("…", "")}: ${step.title}`);
          button.addEventListener("click", act);
          return button;
        }),
      );
      if (had) [...parts.actions.children].find((button) => button.textContent === had)?.focus();
    }
    if (!workable && parts.form.firstChild && !parts.busy) parts.form.querySelectorAll("button.nbr-main").forEach((each) => (each.disabled = !this.live));
  }
  clicked(id) {
    const step = this.view.steps[id];
    if (step.status === "done" || step.status === "skipped") return this.undoForm(id);
    if (step.asks || step.irreversible) return this.doneForm(id, step);
    return this.send(id, "tick", {});
  }
  async send(id, ask, more) {
    const parts = this.rows.get(id);
    if (parts.busy) return;
    parts.busy = true;
    const hadFocus = parts.item.contains(document.activeElement);
    this.show();
    const reply = await this.record(ask, { step: id, ...more }, (kind, words) => tell(this.rows.get(id).answer, kind, words));
    parts.busy = false;
    const now = this.rows.get(id);
    if (reply?.answer === "done") now.form.replaceChildren();
    this.show();
    if (hadFocus && !now.item.contains(document.activeElement)) now.check?.focus();
  }
  doneForm(id, step) {
    const fields = [];
    if (step.asks) fields.push(field(step.asks));
    const main = make("button", { type: "submit", className: step.irreversible ? "nbr-danger" : "nbr-main", textContent: step.irreversible ? `Yes, “${step.title}” was done` : "Record as done" });
    const label = step.irreversible ? "This cannot be undone." : "";
    this.form(id, label, fields, [main], () => ({ ask: "tick", evidence: fields[0]?.input.value ?? "" }));
  }
  undoForm(id) {
    const ask = this.view.steps[id].status === "skipped" ? "unskip" : "untick";
    const reason = field("Why is it open again?");
    this.form(id, "", [reason], [make("button", { type: "submit", className: "nbr-main", textContent: "Undo" })], () => ({ ask, reason: reason.input.value }));
  }
  skipForm(id) {
    const reason = field("Why is it skipped?");
    const ready = ["not applicable", "already done", "done automatically"].map((words) => {
      const button = make("button", { type: "button", textContent: words });
      button.addEventListener("click", () => this.send(id, "skip", { reason: words }));
      return button;
    });
    this.form(id, "", [reason], [make("button", { type: "submit", className: "nbr-main", textContent: "Skip" }), ...ready], () => ({ ask: "skip", reason: reason.input.value }));
  }
  noteForm(id) {
    const note = field("Note");
    this.form(id, "", [note], [make("button", { type: "submit", className: "nbr-main", textContent: "Add note" })], () => ({ ask: "note", note: note.input.value }));
  }
  form(id, label, fields, buttons, read) {
    const parts = this.rows.get(id);
    showForm(parts.form, label, fields, buttons, () => {
      const { ask, ...more } = read();
      this.send(id, ask, more);
    }, () => parts.check?.focus());
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
    this.box = make("div", { className: "nbr-header" });
    this.form = make("span");
    this.answer = make("span", { className: "nbr-answer" });
    this.answer.setAttribute("role", "status");
    this.title = make("h2");
    this.mark = make("span", { className: "nbr-mark" });
    this.pulse = make("span", { className: "nbr-pulse" });
    this.bar = make("progress");
    this.list = make("dl");
    this.next = make("button", { type: "button", textContent: "Next open step" });
    this.next.addEventListener("click", () => jump(this.view.next));
    this.note = make("button", { type: "button", textContent: "Handover note…" });
    this.note.addEventListener("click", () => this.noteForm());
    const top = make("div", { className: "nbr-top" }, this.title, this.mark, this.pulse);
    this.box.append(top, this.bar, this.list, make("span", { className: "nbr-actions" }, this.next, this.note), this.form, this.answer);
    this.body.replaceChildren(this.box);
  }
  show() {
    if (!this.box) return;
    this.showAlarm();
    const view = this.view;
    const live = this.heart?.live ?? "asking";
    this.box.classList.toggle("nbr-production", Boolean(view.production));
    this.title.textContent = `${view.release} → ${view.environment}`;
    this.mark.textContent = view.production ? "PRODUCTION" : view.environment;
    this.pulse.dataset.live = live;
    this.pulse.textContent = { live: "live", gone: "no answer", asking: "not live yet" }[live];
    this.bar.max = Math.max(1, view.total);
    this.bar.value = view.settled;
    this.bar.setAttribute("aria-label", `Progress: ${view.summary}`);
    const facts = [
      ["Progress", view.summary],
      ["State", view.words],
      ["Operator", this.heart?.operator || "…"],
      ["Journal", view.journal],
      ...(view.handover ? [["Handover", view.handover]] : []),
    ];
    this.list.replaceChildren(...facts.flatMap(([name, words]) => [make("dt", { textContent: name }), make("dd", { textContent: words })]));
    this.next.disabled = !view.next;
    this.note.disabled = live !== "live";
  }
  noteForm() {
    const note = field("Note for whoever works on this next");
    showForm(this.form, "", [note], [make("button", { type: "submit", className: "nbr-main", textContent: "Add note" })], async () => {
      const reply = await this.record("note", { note: note.input.value }, (kind, words) => tell(this.answer, kind, words));
      if (reply?.answer === "done") this.form.replaceChildren();
    }, () => this.note.focus());
  }
}

class SignOff extends Panel {
  draw() {
    this.words = make("div");
    this.sign = make("button", { type: "button", className: "nbr-main", textContent: "Sign off" });
    this.keep = make("button", { type: "button", className: "nbr-main", textContent: "Write the record" });
    this.answer = make("span", { className: "nbr-answer" });
    this.answer.setAttribute("role", "status");
    this.sign.addEventListener("click", () => this.send("sign-off"));
    this.keep.addEventListener("click", () => this.send("archive"));
    const title = make("h2", { textContent: "Sign-off" });
    this.body.replaceChildren(make("div", { className: "nbr-sign-off" }, title, this.words, make("span", { className: "nbr-actions" }, this.sign, this.keep), this.answer));
  }
  show() {
    if (!this.words) return;
    this.showAlarm();
    const view = this.view;
    const free = this.live && !this.busy;
    const missing = view.open ?? [];
    this.sign.hidden = view.state !== "open";
    this.sign.disabled = !free || missing.length > 0;
    this.keep.hidden = view.state !== "signed_off" || Boolean(view.archived);
    this.keep.disabled = !free;
    const lines = [];
    if (view.state !== "open") lines.push(make("p", { textContent: `This runbook is ${view.words}.` }));
    else if (missing.length === 0) lines.push(make("p", { textContent: "All that is required is settled." }));
    else lines.push(make("p", { textContent: `Still open: ${missing.length}` }), make("ul", {}, ...missing.slice(0, 12).map((title) => make("li", { textContent: title })), ...(missing.length > 12 ? [make("li", { textContent: `and ${missing.length - 12} more` })] : [])));
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
  element.textContent = words;
}

function text(className, words) {
  return words ? [make("span", { className, textContent: words })] : [];
}

// A link is made only of what is plainly a web address.
function evidence(value) {
  if (!value) return [];
  const shown = /^https?:\/\/[^\s<>"]+$/.test(value)
    ? make("a", { href: value, textContent: value, target: "_blank", rel: "noopener noreferrer" })
    : value;
  return [make("span", { className: "nbr-evidence" }, "Evidence: ", shown)];
}

let labels = 0;
function field(words) {
  const input = make("input", { type: "text", id: `nbr-field-${(labels += 1)}`, autocomplete: "off" });
  return { input, label: make("label", { textContent: words, htmlFor: input.id }) };
}

function showForm(place, label, fields, buttons, submit, cancelled) {
  const form = make("form", { className: "nbr-form" });
  const cancel = make("button", { type: "button", textContent: "Cancel" });
  const close = () => { place.replaceChildren(); cancelled(); };
  form.append(...(label ? [make("strong", { textContent: label })] : []), ...fields.flatMap((each) => [each.label, each.input]), ...buttons, cancel);
  form.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  cancel.addEventListener("click", close);
  form.addEventListener("keydown", (event) => { event.stopPropagation(); if (event.key === "Escape") close(); });
  place.replaceChildren(form);
  (fields[0]?.input ?? buttons[0]).focus();
}

function jump(id) {
  const item = [...document.querySelectorAll("[data-step]")].find((each) => each.dataset.step === id && each.offsetParent !== null);
  item?.scrollIntoView({ block: "center" });
  item?.querySelector("input.nbr-check, button:not(:disabled)")?.focus({ preventScroll: true });
}

// Links within the project lead to Jupyter's own view of the file; others to a new tab.
function rewriteLinks(root) {
  for (const link of root.querySelectorAll("a[href]")) {
    const target = link.getAttribute("href");
    if (/^[a-z][a-z0-9+.-]*:/i.test(target)) Object.assign(link, { target: "_blank", rel: "noopener noreferrer" });
    else if (!target.startsWith("#")) {
      const config = JSON.parse(document.getElementById("jupyter-config-data")?.textContent ?? "{}");
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
