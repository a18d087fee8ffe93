// Who sits at this browser: Jupyter's own word on it, or a name that was typed. The kernel decides what it is worth.
import { jupyterConfig } from "./page.js";
import { read, write } from "./tab.js";

const NAME_KEPT = "nbrunbook-operator";
const PATIENCE_MS = 4000;

// Resolves with "" where Jupyter names nobody, and with null where it did not answer: then it is asked again.
let identity;
export async function whoAmI() {
  identity ??= askJupyter();
  const name = await identity;
  if (name === null) identity = undefined;
  return name;
}

async function askJupyter() {
  try {
    const config = jupyterConfig();
    if (!config.baseUrl) return "";
    const headers = config.token ? { Authorization: `token ${config.token}` } : {};
    const address = new URL("api/me", new URL(config.baseUrl, location.href));
    const response = await fetch(address, { headers, signal: AbortSignal.timeout(PATIENCE_MS) });
    if (response.ok) return String((await response.json()).identity?.username ?? "");
    return response.status < 500 ? "" : null; // a server that does not know, or will not tell
  } catch {
    return null;
  }
}

// A name that somebody typed stays with this tab of the browser, for one runbook: another one asks again.
export function typedName(runbook) {
  return read(`${NAME_KEPT} ${runbook}`);
}

export function keepTypedName(runbook, name) {
  write(`${NAME_KEPT} ${runbook}`, name.trim());
}
