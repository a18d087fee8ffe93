// Lengths of time, and instants: the kernel marks them in its words, and each browser tells them in its own zone.
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const MARKED = /\0(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\0/; // see nbrunbook.runbook.times

// How long: 2 d 3 h, 3 h 12 min, and to the second once it is less than an hour.
export function span(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const days = Math.floor(seconds / 86400);
  const hours = Math.floor(seconds / 3600) % 24;
  const minutes = Math.floor(seconds / 60) % 60;
  if (days) return `${days} d ${hours} h`;
  return hours ? `${hours} h ${minutes} min` : `${minutes} min ${seconds % 60} s`;
}

// How long something lasts by now: to the second in its first minutes.
export function lasting(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return seconds < 60 ? `${seconds} s` : span(1000 * seconds);
}

// 22 Nov 15:02, with its year where it is another one.
function clock(at) {
  const year = at.getFullYear() === new Date().getFullYear() ? "" : ` ${at.getFullYear()}`;
  return `${at.getDate()} ${MONTHS[at.getMonth()]}${year} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

function utc(at) {
  const time = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()].map(two).join(":");
  return `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()} ${time} UTC`;
}

function two(number) {
  return String(number).padStart(2, "0");
}

// This browser's zone, as it is at an instant: UTC+1.
function offset(at) {
  const parts = new Intl.DateTimeFormat("en", { timeZoneName: "shortOffset" }).formatToParts(at);
  const found = parts.find(({ type }) => type === "timeZoneName").value;
  return found.replace("GMT", "UTC").replace(/\+0$/, "");
}

export function zone() {
  return `${Intl.DateTimeFormat().resolvedOptions().timeZone} (${offset(new Date())}); the tooltip of each time says UTC`;
}

// Words as nodes, each instant an element that tells it in UTC, too.
export function nodes(words) {
  return String(words ?? "")
    .split(MARKED)
    .flatMap((part, number) => {
      if (number % 2 === 0) return part ? [part] : [];
      const at = new Date(part);
      const title = `${utc(at)}; shown in ${offset(at)}`;
      const shown = { dateTime: part, title, dir: "ltr", textContent: clock(at) };
      return [Object.assign(document.createElement("time"), shown)];
    });
}

// The same as one text, for what has no elements: names and tooltips.
export function plain(words) {
  return String(words ?? "")
    .split(MARKED)
    .map((part, number) => (number % 2 === 0 ? part : clock(new Date(part))))
    .join("");
}
