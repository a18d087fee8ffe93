// A stand-in for what anywidget gives a panel, and for the kernel behind it. By itself it answers who is there only.
globalThis.models = {};
globalThis.Model = class {
  constructor(values = {}) {
    Object.assign(this, { values: { view: {}, ...values }, sent: [], listeners: {}, operator: "ana", silent: false, closed: false });
  }
  get(name) {
    return this.values[name];
  }
  set(values) {
    Object.assign(this.values, values);
    for (const name of Object.keys(values)) for (const each of this.listeners[`change:${name}`] ?? []) each();
  }
  on(name, listener) {
    (this.listeners[name] ??= new Set()).add(listener);
  }
  off(name, listener) {
    this.listeners[name]?.delete(listener);
  }
  send(message, _callbacks, buffers = []) {
    if (this.closed) throw new Error("the comm is closed");
    this.sent.push({ ...message, bytes: buffers.map((each) => each.byteLength) });
    if (["hello", "beat"].includes(message.ask) && !this.silent) this.answer(message, this.here());
  }
  here() {
    const now = new Date(Date.now()).toISOString();
    return { answer: "here", operator: this.operator, known: "declared: env", may_rename: true, now };
  }
  answer(message, reply) {
    for (const each of [...(this.listeners["msg:custom"] ?? [])]) each({ reply_to: message.id, ...reply }, reply.buffers);
  }
  // The answer to what was asked last.
  reply(reply) {
    this.answer(this.sent.at(-1), reply);
  }
  asked() {
    return this.sent.map((each) => each.ask);
  }
  events() {
    return this.sent.filter((each) => each.event);
  }
};
