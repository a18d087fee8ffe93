// Where links lead.
import { make } from "./elements.js";
import { jupyterConfig, notebookPath } from "./page.js";

// A link is made only of what is plainly a web address; anything else stays the text that it is.
export function webLink(value) {
  return /^https?:\/\/[^\s<>"]+$/.test(value)
    ? make("a", { href: value, textContent: value, target: "_blank", rel: "noopener noreferrer" })
    : value;
}

// Links within the project lead to Jupyter's own view of the file; others to a new tab.
export function rewriteLinks(root) {
  for (const link of root.querySelectorAll("a[href]")) {
    const target = link.getAttribute("href");
    if (/^[a-z][a-z0-9+.-]*:/i.test(target)) Object.assign(link, { target: "_blank", rel: "noopener noreferrer" });
    else if (!target.startsWith("#")) Object.assign(link, { href: fileAddress(target), target: "_blank" });
  }
}

// A relative link is relative to the notebook, which Jupyter names in the page's address.
function fileAddress(target) {
  const path = new URL(target, `http://x/${notebookPath().split("/").map(encodeURIComponent).join("/")}`).pathname;
  return `${jupyterConfig().baseUrl ?? "/"}files${path}`;
}
