// All that a panel carries. The code of a kernel's panels is fetched from it once a page, by whichever panel
// is drawn first: with a module of its own for each of a hundred panels, a browser works for seconds.
const modules = (globalThis.nbrunbookModules ??= new Map());

// Ask for the code until it is there: a kernel that is busy now answers later.
function fetched(model) {
  return new Promise((resolve) => {
    const ask = () => model.send({ ask: "code" });
    const timer = setInterval(ask, 2000);
    model.on("msg:custom", function hear(message) {
      if (message?.answer !== "code") return;
      clearInterval(timer);
      model.off("msg:custom", hear);
      resolve(message);
    });
    ask();
  });
}

async function load(model) {
  const { code, css } = await fetched(model);
  const style = document.createElement("style");
  style.textContent = css;
  document.head.append(style);
  const address = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  try {
    return (await import(address)).default;
  } finally {
    URL.revokeObjectURL(address);
  }
}

export default {
  async render({ model, el }) {
    const kernel = model.get("instance"); // of a kernel that died before it answered nothing is to be hoped for
    el.textContent = "Asking the kernel whether this runbook is live…";
    if (!modules.has(kernel)) modules.set(kernel, load(model));
    const code = await modules.get(kernel);
    el.textContent = "";
    return code.render({ model, el });
  },
};
