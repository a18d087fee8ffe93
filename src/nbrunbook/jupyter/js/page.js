// The page around the panels: what its Jupyter says of itself, and the way to a step.

const STEP = 0.8; // of a screen
const FRAMES = 3;

// Nothing where the page is not Jupyter's own, such as in VS Code.
export function jupyterConfig() {
  return JSON.parse(document.getElementById("jupyter-config-data")?.textContent ?? "{}");
}

// The notebook's path as Jupyter's address names it; empty where it names none.
export function notebookPath() {
  return decodeURIComponent(location.pathname).match(/\/(?:tree|notebooks)\/(.*)$/)?.[1] ?? "";
}

// The notebook that a panel stands in, of those that Jupyter shows; the page, where it shows one alone.
export function notebookOf(panel) {
  return panel.closest(".jp-NotebookPanel") ?? document;
}

let asked; // the step that was asked for last: whatever still looks for another one ends

// Leads to a step of the notebook that a panel stands in, and opens what hides it: what its panel has folded, folded
// headings, and a windowed notebook's cells out of view. By its page alone: JupyterLab asks before it runs a command
// for anybody. Resolves with the step's item; null where it is nowhere, or another one was asked for meanwhile.
export async function jump(step, panel) {
  asked = step;
  const notebook = notebookOf(panel);
  const isLeft = () => asked === step && !seen(notebook, step.id);
  reveal(notebook, step.id);
  if (isLeft()) await unfold(notebook);
  if (isLeft()) await scrollTo(notebook, step.id, isLeft);
  const item = asked === step && seen(notebook, step.id);
  if (!item) return null;
  item.scrollIntoView({ block: "center" });
  return item;
}

// Opens what hides a step within its panel, which may have more to open: it hears of it.
function reveal(notebook, id) {
  for (const item of notebook.querySelectorAll("[data-step]")) {
    if (item.dataset.step !== id) continue;
    for (let at = item.parentElement; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    item.dispatchEvent(new CustomEvent("nbr-reveal", { bubbles: true }));
  }
}

function seen(notebook, id) {
  const items = [...notebook.querySelectorAll("[data-step]")];
  return items.find((each) => each.dataset.step === id && each.offsetParent !== null);
}

async function unfold(notebook) {
  for (const each of notebook.querySelectorAll(".jp-showHiddenCellsButton")) if (each.offsetParent) each.click();
  await drawn();
}

// Goes through the notebook, screen by screen, while there is a step left to look for.
async function scrollTo(notebook, id, isLeft) {
  const frame = notebook.querySelector(".jp-WindowedPanel-outer");
  if (!frame) return;
  const before = frame.scrollTop;
  for (let top = 0; top < frame.scrollHeight && isLeft(); top += Math.max(1, frame.clientHeight * STEP)) {
    frame.scrollTop = top;
    await drawn();
    reveal(notebook, id);
    await unfold(notebook);
  }
  if (isLeft()) frame.scrollTop = before;
}

// Brings what is some screens away into a windowed notebook; tells whether there was any way to go.
export async function scrollBy(panel, screens) {
  const frame = notebookOf(panel).querySelector(".jp-WindowedPanel-outer");
  const before = frame?.scrollTop;
  if (!frame) return false;
  frame.scrollTop += Number.isFinite(screens)
    ? screens * frame.clientHeight * STEP
    : Math.sign(screens) * frame.scrollHeight;
  await drawn();
  return frame.scrollTop !== before;
}

// Leads to the panel at the end of the notebook that a panel stands in.
export async function jumpToSignOff(panel) {
  const notebook = notebookOf(panel);
  const find = () => [...notebook.querySelectorAll(".nbr .nbr-sign-off")].find((each) => each.checkVisibility());
  if (!find()) await unfold(notebook);
  if (!find()) await scrollBy(panel, Number.POSITIVE_INFINITY);
  find()?.scrollIntoView({ block: "nearest" });
  find()?.focus({ preventScroll: true });
}

// Jupyter draws a cell in the frame after the one in which it comes into view.
async function drawn() {
  for (let frames = 0; frames < FRAMES; frames += 1) await new Promise(requestAnimationFrame);
}

// The toolbar above the notebook does not scroll: it says where what is done here is done.
export function markProduction(element, environment) {
  const toolbar = element.closest(".jp-NotebookPanel")?.querySelector(".jp-NotebookPanel-toolbar");
  if (toolbar) toolbar.dataset.nbrProduction = `PRODUCTION: ${environment}`;
}

// The notebook that a runbook is: its headings stand as base.css has them.
export function markRunbook(element) {
  element.closest(".jp-Notebook")?.classList.add("nbr-runbook");
}
