// What this tab of the browser keeps over a kernel's death and a reload. Where it keeps nothing, all else still works.
export function read(name) {
  try {
    return sessionStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

export function write(name, words) {
  try {
    if (words) sessionStorage.setItem(name, words);
    else sessionStorage.removeItem(name);
  } catch {
    // A browser that keeps nothing: what is typed lives as long as its form.
  }
}
