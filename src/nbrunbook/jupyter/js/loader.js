// All that a panel carries but the header, which brings the code of all panels with it: with code of its own
// for each of a hundred panels, a browser works for seconds. Without a header the kernel is asked for the code.
const ASK_MS = 1000;
const ENTRY = "panels.js"; // the module that draws panels: it imports the others
const IMPORTED = /(\bfrom\s*|^\s*import\s*)"\.\/([^"]+)"/gm;
globalThis.nbrunbookKernels ??= new Map();
const kernels = globalThis.nbrunbookKernels; // the code of each, as soon as it is here

// A kernel that died before its code was here answers nothing more: each has an entry of its own.
function entryOf(kernel) {
  if (!kernels.has(kernel)) {
    const entry = {};
    const brought = new Promise((resolve) => {
      entry.resolve = resolve;
    });
    entry.code = brought.then(load);
    kernels.set(kernel, entry);
  }
  return kernels.get(kernel);
}

// The names of all modules that one needs, itself last: each comes after what it imports.
export function inOrder(modules, entry) {
  const ordered = [];
  const visit = (name, way) => {
    if (ordered.includes(name)) return;
    if (way.includes(name)) throw new Error(`modules import each other: ${[...way, name].join(" → ")}`);
    if (!(name in modules)) throw new Error(`${way.at(-1) ?? "the loader"} imports ${name}, which did not come along`);
    for (const [, , needed] of modules[name].matchAll(IMPORTED)) visit(needed, [...way, name]);
    ordered.push(name);
  };
  visit(entry, []);
  return ordered;
}

// A module that is made from a text has no neighbours: what it imports by name gets the address of that module.
function madeOf(source, addresses) {
  const text = source.replace(IMPORTED, (_, before, name) => `${before}"${addresses.get(name)}"`);
  return URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
}

async function load({ js, css }) {
  const addresses = new Map();
  try {
    for (const name of inOrder(js, ENTRY)) addresses.set(name, madeOf(js[name], addresses));
    const code = (await import(addresses.get(ENTRY))).default; // once it is here, so is all that it imports
    const style = document.createElement("style");
    style.textContent = css;
    document.head.append(style);
    return code;
  } finally {
    for (const address of addresses.values()) URL.revokeObjectURL(address);
  }
}

// Resolves with the code: a kernel that is busy now answers later.
async function fetched(model, entry) {
  const hear = (message) => message?.answer === "code" && entry.resolve(message);
  model.on("msg:custom", hear);
  const asking = setInterval(() => model.send({ ask: "code" }), ASK_MS);
  try {
    return await entry.code;
  } finally {
    clearInterval(asking);
    model.off("msg:custom", hear);
  }
}

export default {
  async render({ model, el }) {
    const entry = entryOf(model.get("instance"));
    if (model.get("code").js) entry.resolve(model.get("code"));
    el.textContent = "Asking the kernel whether this runbook is live…";
    try {
      const code = await fetched(model, entry);
      el.textContent = "";
      return code.render({ model, el });
    } catch (error) {
      el.textContent = `NOT LIVE: this panel cannot be drawn (${error.message}). Nothing can be recorded here.`;
      throw error;
    }
  },
};
