// Where links lead.
import { make } from "./elements.js";
import { jupyterConfig, notebookPath } from "./page.js";

const OUTSIDE = { target: "_blank", rel: "noopener noreferrer" };

// A link is made only of what is plainly a web address; anything else stays the text that it is.
export function webLink(value) {
  return /^https?:\/\/[^\s<>"]+$/.test(value) ? make("a", { href: value, textContent: value, ...OUTSIDE }) : value;
}

// Links within the project lead to Jupyter's own view of the file; others to a new tab.
export function rewriteLinks(root) {
  for (const link of root.querySelectorAll("a[href]")) {
    const target = link.getAttribute("href");
    if (/^([a-z][a-z0-9+.-]*:|\/\/)/i.test(target)) Object.assign(link, OUTSIDE);
    else if (!target.startsWith("#")) Object.assign(link, { href: fileAddress(target), target: "_blank" });
  }
}

// A relative link is relative to the notebook, which Jupyter names in the page's address.
function fileAddress(target) {
  const here = `http://x/${notebookPath().split("/").map(encodeURIComponent).join("/")}`;
  if (!URL.canParse(target, here)) return target; // an author's odd link must not end the panel
  const { pathname, search, hash } = new URL(target, here);
  return `${jupyterConfig().baseUrl ?? "/"}files${pathname}${search}${hash}`;
}

// Where Jupyter's server has a file, named from the notebook's folder; empty where it lies outside of what that serves.
export function projectAddress(target, model) {
  const path = model.widget_manager?.context?.path?.replace(/^[^/:]*:/, "") ?? notebookPath();
  const { baseUrl } = jupyterConfig();
  if (!path || !baseUrl) return "";
  const found = path.split("/").slice(0, -1);
  for (const part of target.split("/")) {
    if (part !== "..") found.push(part);
    else if (found.pop() === undefined) return "";
  }
  return `${baseUrl}files/${found.map(encodeURIComponent).join("/")}`;
}
