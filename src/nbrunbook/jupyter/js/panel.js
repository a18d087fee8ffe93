// What all panels have in common: a place on the page, a kernel to ask, and the alarm when it does not answer.

import { successor, wayBack } from "./coming_back.js";
import { make, setText, status, tell } from "./elements.js";
import { Heart } from "./heart.js";
import { Kernel } from "./kernel.js";
import { showKeys } from "./key_list.js";
import { keepOneStop, listen } from "./keys.js";
import { keepFocus } from "./typing.js";

const STILL_ASKING = "Asking the kernel whether this runbook is live…";
const STILL_SILENT = "No answer from the kernel yet. If this stays, reload the page and choose Run > Run All Cells.";
const GONE = "No answer from the kernel: nothing can be recorded now.";

export class Panel {
  // `redraw` draws the panel anew with the model of another kernel.
  constructor(model, el, redraw) {
    this.model = model;
    this.redraw = redraw;
    this.kernel = new Kernel(model);
    this.root = make("div", { className: "nbr" });
    // Jupyter's keys must not act on a cell while a panel has the focus: it looks at the focused element first.
    this.root.addEventListener("focusin", (focus) => {
      focus.target.dataset.lmSuppressShortcuts = "true";
    });
    // A key that is held down presses once.
    this.root.addEventListener("keydown", noRepeats, true);
    listen(this.root, {
      n: () => this.heart.toNext(this.root),
      "/": () => this.heart.search(this.root),
      "?": showKeys,
    });
    keepOneStop(this.root);
    this.alarm = status("nbr-alarm");
    this.body = make("div");
    this.root.append(this.alarm, this.body);
    el.append(this.root);
    this.heart = Heart.of(model.get("instance"));
    this.draw();
    this.heart.add(this);
    this.heart.beat();
    this.onView = () => this.show();
    this.onDrawn = () => {
      this.draw();
      this.show();
    };
    model.on("change:view", this.onView);
    model.on("change:drawn", this.onDrawn);
  }
  close() {
    keepFocus(this.root);
    this.heart.remove(this);
    this.kernel.close();
    this.model.off("change:view", this.onView);
    this.model.off("change:drawn", this.onDrawn);
  }
  // Goes on with the kernel that came after one that ended, if that has made its panels.
  async comeBack() {
    const model = await successor(this.model);
    if (model && this.root.isConnected && this.heart.live !== "live") this.redraw(model);
  }
  // The header alone says what holds for all panels: the journal's trouble.
  get tellTrouble() {
    return false;
  }
  get view() {
    return this.model.get("view");
  }
  get live() {
    return this.heart.live === "live";
  }
  setLive(live) {
    this.root.dataset.live = live;
    this.show();
  }
  showTimes() {}
  showFoot() {}
  showAlarm() {
    const trouble = this.tellTrouble ? (this.view.trouble ?? "") : "";
    this.root.dataset.trouble = String(trouble !== "");
    setText(this.alarm, this.alarmWords(trouble));
  }
  alarmWords(trouble) {
    if (this.heart.live === "asking") return this.heart.isStillAsking ? STILL_SILENT : STILL_ASKING;
    if (this.heart.live === "gone") return [GONE, this.heart.why || wayBack(this.model)].join(" ");
    return trouble;
  }
  ask(...asked) {
    return this.kernel.ask(...asked);
  }
  // Sends one event; its answer is told in an element of the panel.
  record(ask, more, answer) {
    const isThere = () => this.root.isConnected;
    return this.kernel.record(ask, more, (kind, words) => tell(answer, kind, words), isThere);
  }
}

function noRepeats(key) {
  const types = key.key === " " && key.target.matches("input:not([type=checkbox])");
  if (key.repeat && ["Enter", " "].includes(key.key) && !types) key.preventDefault();
}
