// The page around the panels: what its Jupyter says of itself, and the way to a step.

// Nothing where the page is not Jupyter's own, such as in VS Code.
export function jupyterConfig() {
  return JSON.parse(document.getElementById("jupyter-config-data")?.textContent ?? "{}");
}

export function jump(next) {
  const items = [...document.querySelectorAll("[data-step]")];
  const item = items.find((each) => each.dataset.step === next?.id && each.offsetParent !== null);
  item?.scrollIntoView({ block: "center" });
  item?.querySelector("input.nbr-check, button:not(:disabled)")?.focus({ preventScroll: true });
}
