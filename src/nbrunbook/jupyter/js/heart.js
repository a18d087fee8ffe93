// One heart a kernel: it watches whether the kernel answers, for all panels on the page.
import { askBack } from "./coming_back.js";
import { SILENCE_MS } from "./kernel.js";
import { focusStep } from "./keys.js";
import { jump, notebookOf, scrollBy } from "./page.js";

const BEAT_MS = 1500;
export const MINE = "\u0000mine"; // no owner can be called so

globalThis.nbrunbookHearts ??= new Map();
const hearts = globalThis.nbrunbookHearts;

export class Heart {
  constructor(instance) {
    this.instance = instance;
    this.panels = new Set();
    this.live = "asking"; // then live, or gone while the kernel is silent
    this.why = ""; // why a kernel that was started anew draws no panels
    this.operator = "";
    this.known = "";
    this.mayRename = false;
    this.aheadMs = 0; // of the kernel's clock before the browser's
    this.next = null; // the next open step, as the header knows it
    this.only = null; // whose steps are shown; null for everybody's
    this.heard = Date.now();
    this.timer = setInterval(() => this.beat(), BEAT_MS);
    this.clock = setInterval(() => this.tellAll((panel) => panel.showTimes()), 1000);
  }
  static of(instance) {
    if (!hearts.has(instance)) hearts.set(instance, new Heart(instance));
    return hearts.get(instance);
  }
  add(panel) {
    this.panels.add(panel);
    panel.setLive(this.live);
  }
  remove(panel) {
    this.panels.delete(panel);
    if (this.panels.size > 0) return;
    clearInterval(this.timer);
    clearInterval(this.clock);
    hearts.delete(this.instance);
  }
  tellAll(tell) {
    for (const panel of this.panels) tell(panel);
  }
  set(live) {
    this.live = live;
    this.tellAll((panel) => panel.setLive(live));
  }
  get silentMs() {
    return Date.now() - this.heard;
  }
  // Whether the kernel has never answered, for longer than it takes to start.
  get isStillAsking() {
    return this.live === "asking" && this.silentMs > 2 * SILENCE_MS;
  }
  async beat() {
    if (this.silentMs > SILENCE_MS && this.live === "live") this.set("gone");
    if (this.isStillAsking) this.tellAll((panel) => panel.showAlarm());
    const [panel] = this.panels;
    if (!panel || this.asking) return;
    this.asking = true;
    const reply = await panel.ask(this.live === "live" ? "beat" : "hello", {}, SILENCE_MS);
    this.asking = false;
    if (reply) this.hear(reply);
    else if (this.live === "gone") await this.comeBack(panel);
  }
  // One panel asks for all of them; each then looks for itself.
  async comeBack(panel) {
    if (this.comingBack) return; // a kernel that hangs answers later
    this.comingBack = true;
    this.why = await askBack(panel.model);
    this.comingBack = false;
    if (this.live !== "gone") return;
    this.tellAll((each) => each.showAlarm());
    await Promise.all([...this.panels].map((each) => each.comeBack()));
  }
  hear({ now, operator, known, may_rename }) {
    this.heard = Date.now();
    this.aheadMs = Date.parse(now) - Date.now();
    const other = this.operator !== operator || this.known !== known;
    Object.assign(this, { operator, known, mayRename: may_rename });
    if (this.live !== "live") this.set("live");
    else if (other) this.showAll();
  }
  showAll() {
    this.tellAll((panel) => panel.show());
  }
  // Leads from a panel to the step that can be done now.
  toNext(panel) {
    if (this.next) this.lead(this.next, panel);
  }
  // Leads from a panel to a step, whoever it belongs to, and puts the focus there.
  async lead(step, panel) {
    const item = await this.bring(step, panel);
    if (item) focusStep(item);
  }
  // The same without the focus: somebody is typing. Resolves with the step's item; null where it is nowhere.
  bring(step, panel) {
    if (this.only !== null && !(step.belongs_to && this.wants(step))) {
      this.only = null;
      this.showAll();
    }
    return jump(step, panel);
  }
  // Puts the focus on the search field, which stands in the header of the notebook.
  async search(root) {
    const notebook = notebookOf(root);
    const header = [...this.panels].find((panel) => panel.search && notebookOf(panel.root) === notebook);
    const found = header ?? [...this.panels].find((panel) => panel.search);
    if (found && !found.root.checkVisibility()) await scrollBy(root, -Infinity);
    found?.search.focus();
  }
  // The header knows it; every panel shows the way there.
  setNext(next) {
    if (JSON.stringify(this.next) === JSON.stringify(next)) return;
    this.next = next;
    this.tellAll((panel) => panel.showFoot());
  }
  // Whether a step is one of those that the operator wants to see: everybody's, mine, or those of one owner.
  wants(step) {
    if (this.only === null) return true;
    return this.only === MINE ? this.isMe(...step.belongs_to) : step.owner === this.only;
  }
  isMe(...names) {
    return names.includes(this.operator.toLowerCase());
  }
}
