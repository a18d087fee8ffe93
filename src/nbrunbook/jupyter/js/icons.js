// Signs of 16 by 16, drawn with the colour of the words beside them.
const SVG = "http://www.w3.org/2000/svg";

const CIRCLE = "M2 8a6 6 0 1 0 12 0A6 6 0 1 0 2 8";
const LINES = {
  action: "M5 3.2v9.6l8-4.8z",
  batch: "M3 4a5 1.8 0 1 0 10 0A5 1.8 0 1 0 3 4M3 4v8c0 1 2.2 1.8 5 1.8s5-.8 5-1.8V4M3 8c0 1 2.2 1.8 5 1.8s5-.8 5-1.8",
  check: "M2.5 7a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0M10.3 10.3 14 14",
  added: "M8 3v10M3 8h10",
  approval: "M8 1.8 13 4v3.8c0 3-2 5.2-5 6.4-3-1.2-5-3.4-5-6.4V4zM5.7 8l1.7 1.7L10.5 6.4",
  approve: "M2.5 8.5 6 12l7.5-8",
  due: "M3 3.5h10v10H3zM3 6.5h10M5.8 1.8v3M10.2 1.8v3",
  evidence: "M11.5 5.5 6.6 10.4a1.2 1.2 0 0 0 1.7 1.7l5-5a2.7 2.7 0 0 0-3.8-3.8l-5.3 5.3a4 4 0 0 0 5.7 5.7l3-3",
  gate: "M2.5 3v11M13.5 3v11M2.5 5h11M2.5 9h11M5 9l2-4M9 9l2-4",
  irreversible: "M8 2 14.5 13.5H1.5zM8 6.2v3.6M8 11.6v.3",
  "left-out": "M2 8a6 6 0 1 0 12 0A6 6 0 1 0 2 8M4 12l8-8",
  lock: "M3.5 7.5h9v6.5h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
  more: "M3 8h.1M8 8h.1M13 8h.1",
  once: "M13.5 5.5A6 6 0 0 0 2.4 6.2M2.5 10.5a6 6 0 0 0 11.1-.7M13.7 2v3.7H10M2.3 14v-3.7H6",
  optional: "M2.5 8a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0-11 0",
  owner: "M5.2 5a2.8 2.8 0 1 0 5.6 0a2.8 2.8 0 1 0-5.6 0M2.5 14c.5-3 2.7-4.3 5.5-4.3s5 1.3 5.5 4.3",
  release: "M4.7 5a2.6 2.6 0 1 0 5.2 0a2.6 2.6 0 1 0-5.2 0M2 14c.5-3 2.6-4.3 5.3-4.3 1.2 0 2.2.2 3 .7M11 13h4",
  revision: "M3 13.5v-3L10.8 2.7l2.5 2.5L5.5 13zM9 4.5 11.5 7",
  take: "M4.7 5a2.6 2.6 0 1 0 5.2 0a2.6 2.6 0 1 0-5.2 0M2 14c.5-3 2.6-4.3 5.3-4.3 1.2 0 2.2.2 3 .7M13 11v4M11 13h4",
  unfold: "M6 3.5 10.5 8 6 12.5",
  wait: "M2 8a6 6 0 1 0 12 0A6 6 0 1 0 2 8M8 4.5V8l2.5 1.7",
  // where a step stands that the machine does
  ready: CIRCLE,
  waiting: CIRCLE,
  running: "M8 2a6 6 0 1 1-6 6",
  stopping: "M8 2a6 6 0 1 1-6 6",
  paused: `${CIRCLE}M6.4 5.8v4.4M9.6 5.8v4.4`,
  holding: `${CIRCLE}M8 4.5V8l2.5 1.7`,
  passed: `${CIRCLE}M5.2 8.3l2 2L11 6.2`,
  warned: "M8 2 14.5 13.5H1.5zM8 6.2v3.6M8 11.6v.3",
  failed: `${CIRCLE}M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4`,
  undecided: `${CIRCLE}M6.2 6.4a1.8 1.8 0 1 1 2.6 1.7c-.6.3-.8.6-.8 1.2M8 11.4v.1`,
  unknown: `${CIRCLE}M6.2 6.4a1.8 1.8 0 1 1 2.6 1.7c-.6.3-.8.6-.8 1.2M8 11.4v.1`,
  stopped: `${CIRCLE}M6 6h4v4H6z`,
  done: "M2.5 8.5 6 12l7.5-8",
  "by-hand": "M2.5 8.5 6 12l7.5-8",
  skipped: `${CIRCLE}M4 12l8-8`,
  "not-applicable": `${CIRCLE}M4 12l8-8`,
};
const DASHED = ["optional", "waiting"];
const HEAVY = ["more"];

// The sign of a name, which says nothing to a screen reader; none for a name without one.
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "nbr-icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", LINES[name] ?? "");
  if (DASHED.includes(name)) path.setAttribute("stroke-dasharray", "2.6 1.9");
  if (HEAVY.includes(name)) path.setAttribute("stroke-width", "2.6");
  svg.append(path);
  return svg;
}
