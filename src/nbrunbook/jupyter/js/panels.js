// Where the browser's side begins: which panel draws what. It holds no rule and no truth: it shows what the kernel
// says, sends clicks, and never takes silence for an answer. Whatever was typed is set as text.
import { Checklist } from "./checklist.js";
import { Header } from "./header.js";
import { SignOff } from "./sign_off.js";

const ROLES = { header: Header, checklist: Checklist, "sign-off": SignOff };

export default {
  render({ model, el }) {
    let panel = null;
    const draw = (shown) => {
      panel?.close();
      el.replaceChildren();
      panel = new ROLES[shown.get("role")](shown, el, draw); // which draws it anew for another kernel's model
    };
    draw(model);
    return () => panel.close();
  },
};
