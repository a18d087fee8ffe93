// The notebook's cells of parameters: they are folded, and out of the way until the header is asked to show them.
import { notebookOf } from "./page.js";

const TAGS = ["parameters", "injected-parameters"];

// Marks them where the page lets us see what Jupyter knows of its cells; tells whether there are any.
export function markParameters(model, element) {
  const cells = model.widget_manager?.context?.model?.cells;
  let found = false;
  for (const node of notebookOf(element).querySelectorAll(".jp-CodeCell[data-windowed-list-index]")) {
    const tags = cells?.get(Number(node.dataset.windowedListIndex))?.getMetadata("tags") ?? [];
    const is = TAGS.some((tag) => tags.includes(tag));
    node.classList.toggle("nbr-parameters", is);
    found ||= is;
  }
  return found;
}

// Shows them, or hides them again; tells whether they are shown now.
export function toggleParameters(element) {
  return notebookOf(element).classList.toggle("nbr-with-parameters");
}
