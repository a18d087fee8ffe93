// A kernel that was started anew has no panels yet: it is asked to make them, as soon as Jupyter says that it is idle.
const COME_BACK = "from nbrunbook.checklist import runbook\nrunbook.come_back()";
const ALIVE = ["idle", "busy", "starting", "restarting", "autorestarting", "unknown"];
const RUN_ALL = "If it does not come back, choose Run > Run All Cells: what the journal holds is shown again.";
const BY_ITSELF = "This comes back by itself as soon as the kernel answers.";
const NO_KERNEL = "The kernel has ended. Choose Kernel > Restart Kernel…: this comes back by itself then.";

// Jupyter's own connection, undefined where the page does not let us see it, as in VS Code; null for no kernel.
function kernelOf(model) {
  return model.widget_manager?.kernel;
}

// How a panel that nobody answers comes back, in words.
export function wayBack(model) {
  const kernel = kernelOf(model);
  if (kernel === undefined) return RUN_ALL;
  return ALIVE.includes(kernel?.status) ? BY_ITSELF : NO_KERNEL;
}

// Resolves once an idle kernel was asked, with what it says against it; an empty text where nothing is.
export async function askBack(model) {
  const kernel = kernelOf(model);
  if (kernel?.status !== "idle") return "";
  try {
    const request = { code: COME_BACK, silent: true, store_history: false, allow_stdin: false, stop_on_error: false };
    const { content } = await kernel.requestExecute(request).done;
    return content.status === "error" ? String(content.evalue ?? "") : "";
  } catch {
    return ""; // it was ended meanwhile: Jupyter says so
  }
}

// Resolves with the model that a new kernel has made for a panel, under the same id; null where it made none.
export async function successor(model) {
  try {
    const found = await model.widget_manager.get_model(model.get("place"));
    return found.get("instance") === model.get("instance") ? null : found;
  } catch {
    return null;
  }
}
