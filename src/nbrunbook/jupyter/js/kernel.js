// What a panel asks of its kernel, and the answers. Silence is never taken for one.
import { typedName, whoAmI } from "./operator.js";

export const ANSWER_MS = 8000; // longer than the session waits for the journal's lock (4 s)
export const SILENCE_MS = 4000;
const AGAIN_MS = 1000;
const NOBODY = "the Jupyter server does not answer who you are; try again";

export class Kernel {
  constructor(model) {
    this.model = model;
    this.waiting = new Map();
    this.onMessage = (message, buffers) => this.hear(message, buffers);
    model.on("msg:custom", this.onMessage);
  }
  close() {
    this.model.off("msg:custom", this.onMessage);
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
        const typed = typedName(this.model.get("view").runbook);
        this.model.send({ ask, id, username: username ?? "", typed, ...more }, {}, buffers);
      } catch {
        // A comm that is closed: silence is what it is, and is told as such.
      }
    });
  }
  // Sends one event and tells its answer: done, refused, or not known yet. Then the journal is asked for the id
  // that the event was sent with, until it answers or nobody is there to be told.
  async record(ask, { buffers, ...more }, tell, isThere = () => true) {
    const event = newId();
    tell("asking", "Writing it to the journal…");
    let reply = await this.ask(ask, { event, ...more }, ANSWER_MS, buffers);
    while (!reply || reply.answer === "unknown") {
      const why = reply?.why ? ` (${reply.why})` : "";
      tell("unknown", `Not known yet whether it was recorded: looking in the journal…${why}`);
      if (!isThere()) return null;
      await new Promise((resolve) => setTimeout(resolve, reply ? AGAIN_MS : 0));
      reply = await this.ask("find", { event }, ANSWER_MS);
    }
    if (reply.answer === "refused") tell("refused", `Not recorded, because ${reply.why}`);
    else tell("", "");
    return reply;
  }
}

// A new UUID. The browser's own are there only for https and 127.0.0.1.
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
