// What was given as evidence, and what has to be given with a tick.
import { button, make, scrolling, tell } from "./elements.js";
import { field, fileField } from "./forms.js";
import { ANSWER_MS } from "./kernel.js";
import { webLink } from "./links.js";

const LARGEST_FILE = 5_000_000; // a larger message closes the kernel's websocket
const SAVED_MS = 60_000;
const IN_THE_JOURNAL = "No answer from the kernel: the file is in the journal all the same.";

// A list with the line that shows it, empty where nothing was given.
export function evidenceLine(step, save) {
  if (!step.evidence && !step.file) return [];
  const file = step.file ? [" ", button(`Save ${step.file}`, save)] : [];
  return [scrolling(make("span", { className: "nbr-evidence" }, "Evidence: ", webLink(step.evidence), ...file))];
}

// The fields for what a step asks for: the kernel says what that is, `read` resolves with what goes with the tick.
export function evidenceFields({ asks, asks_for }) {
  const given = asks && asks_for !== "file" ? field(asks) : null;
  const file = asks && asks_for !== "link" ? fileField(asks_for === "file" ? asks : "or a file, at most 5 MB") : null;
  if (given && asks_for === "link") Object.assign(given.input, { inputMode: "url", placeholder: "https://…" });
  const read = async () => {
    const chosen = file?.input.files[0];
    if (chosen?.size > LARGEST_FILE) return { refused: tooLarge(chosen) };
    const buffers = chosen ? [await chosen.arrayBuffer()] : [];
    return { evidence: given?.input.value ?? "", name: chosen?.name ?? "", buffers };
  };
  return { fields: [given, file].filter(Boolean), read };
}

function tooLarge({ name, size }) {
  const words = `Not sent: ${name} has ${(size / 1e6).toFixed(1)} MB, and at most 5.0 MB are kept.`;
  return `${words} Put it where it can be found and give a link or a note.`;
}

// A file that was given as evidence is only ever saved, never opened: it may hold anything.
export function saveFile(panel, step, answer) {
  return saveAnswer(panel, "file", { step }, answer);
}

// Saves what the kernel answers with.
export async function saveAnswer(panel, ask, about, answer) {
  tell(answer, "asking", "Fetching the file…");
  const reply = await panel.ask(ask, about, 4 * ANSWER_MS);
  if (reply?.answer !== "done") return tell(answer, "refused", reply?.why ?? IN_THE_JOURNAL);
  tell(answer, "", "");
  const address = URL.createObjectURL(new Blob([reply.buffers[0]], { type: "application/octet-stream" }));
  make("a", { href: address, download: reply.name }).click();
  return setTimeout(() => URL.revokeObjectURL(address), SAVED_MS);
}
