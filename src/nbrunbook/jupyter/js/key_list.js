// The list of keys: a dialog that Escape closes; the focus goes back to where it was.
import { button, make } from "./elements.js";
import { KEYS } from "./keys.js";

export function showKeys() {
  const lines = KEYS.flatMap(([keys, words]) => [
    make("dt", {}, ...keys.split(" ").map((textContent) => make("kbd", { textContent }))),
    make("dd", { textContent: words }),
  ]);
  const title = make("h2", { textContent: "Keys", id: "nbr-keys-title" });
  const close = button("Close", () => dialog.close());
  const dialog = make("dialog", { className: "nbr-keys" }, title, make("dl", {}, ...lines), close);
  dialog.setAttribute("aria-labelledby", title.id);
  dialog.addEventListener("keydown", (key) => {
    key.stopPropagation(); // none of them is Jupyter's
    if (key.key === "?") dialog.close();
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  for (const each of [dialog, close]) each.dataset.lmSuppressShortcuts = "true";
  dialog.showModal();
}
