// Where the browser's side begins: which panel draws what. It holds no rule and no truth: it shows what the kernel
// says, sends clicks, and never takes silence for an answer. Whatever was typed is set as text.
import { Checklist } from "./checklist.js";
import { Header } from "./header.js";
import { SignOff } from "./sign_off.js";

const ROLES = { header: Header, checklist: Checklist, "sign-off": SignOff };

export default {
  render({ model, el }) {
    const panel = new ROLES[model.get("role")](model, el);
    return () => panel.close();
  },
};
