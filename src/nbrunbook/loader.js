// All that a panel carries but the header, which brings the code of all panels with it: with a module of its own
// for each of a hundred panels, a browser works for seconds. Without a header the kernel is asked for the code.
const ASK_MS = 1000;
const kernels = (globalThis.nbrunbookKernels ??= new Map());

// A kernel that died before its code was here answers nothing more: each has an entry of its own.
function entryOf(kernel) {
  if (!kernels.has(kernel)) {
    const entry = {};
    entry.code = new Promise((resolve) => (entry.resolve = resolve)).then(load);
    kernels.set(kernel, entry);
  }
  return kernels.get(kernel);
}

async function load({ js, css }) {
  const style = document.createElement("style");
  style.textContent = css;
  document.head.append(style);
  const address = URL.createObjectURL(new Blob([js], { type: "text/javascript" }));
  try {
    return (await import(address)).default;
  } finally {
    URL.revokeObjectURL(address);
  }
}

// Resolves with the code: a kernel that is busy now answers later.
async function fetched(model, entry) {
  const hear = (message) => message?.answer === "code" && entry.resolve(message);
  model.on("msg:custom", hear);
  const asking = setInterval(() => model.send({ ask: "code" }), ASK_MS);
  const code = await entry.code;
  clearInterval(asking);
  model.off("msg:custom", hear);
  return code;
}

export default {
  async render({ model, el }) {
    const entry = entryOf(model.get("instance"));
    if (model.get("code").js) entry.resolve(model.get("code"));
    el.textContent = "Asking the kernel whether this runbook is live…";
    const code = await fetched(model, entry);
    el.textContent = "";
    return code.render({ model, el });
  },
};
