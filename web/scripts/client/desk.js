// The queue and the sheets of the staff, with more comfort: the keyboard, and counts that stay true while
// somebody looks. The pages are complete without it.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const off = () => document.body.classList.contains("sans-touches");

  // The tabs are asked again while the page is seen, three times a minute at most; what has not changed is not
  // sent, and the tab that has the focus keeps it.
  for (const box of all("[data-live]")) {
    let tag = "";
    let last = Date.now();
    const ask = async () => {
      if (document.hidden || Date.now() - last < 15_000) return;
      last = Date.now();
      try {
        const r = await fetch(box.dataset.live, { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store", redirect: "error" });
        if (r.status !== 200) return;
        tag = r.headers.get("ETag") ?? "";
        const fresh = new DOMParser().parseFromString(await r.text(), "text/html").body;
        const focused = all("a", box).indexOf(document.activeElement);
        box.replaceChildren(...fresh.childNodes);
        if (focused >= 0) all("a", box)[focused]?.focus();
      } catch {
        // No network: the counts stay as they are, the next round asks again.
      }
    };
    setInterval(ask, 20_000);
    document.addEventListener("visibilitychange", ask);
  }

  // j and k walk along the queue, x chooses, o opens.
  const rows = all(".file tbody tr:has([data-pick])");
  let at = -1;
  const go = (to) => {
    if (!rows.length) return;
    rows[at]?.classList.remove("ici");
    at = Math.max(0, Math.min(rows.length - 1, to));
    rows[at].classList.add("ici");
    rows[at].querySelector("a").focus();
  };
  for (const [i, row] of rows.entries()) {
    row.addEventListener("focusin", () => {
      rows[at]?.classList.remove("ici");
      at = i;
      row.classList.add("ici");
    });
  }

  const help = document.querySelector("[data-keys-help]");
  addEventListener("keydown", (event) => {
    if (off() || event.ctrlKey || event.metaKey || event.altKey || !event.target.closest) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
    const key = event.key.toLowerCase();
    const fold = all("[data-key-open]").find((d) => d.dataset.keyOpen === key);
    const field = all("[data-key-focus]").find((f) => f.dataset.keyFocus === key);
    if (key === "j") go(at + 1);
    else if (key === "k") go(at - 1);
    else if (key === "x" && rows[at]) rows[at].querySelector("[data-pick]").click();
    else if (key === "o" && rows[at]) rows[at].querySelector("a").click();
    else if (key === "?" && help) {
      help.open = !help.open;
      help.querySelector("summary").focus();
    } else if (fold) {
      fold.open = true;
      (fold.querySelector("select, textarea, input:not([type=hidden])") ?? fold.querySelector("summary")).focus();
    } else if (field) field.focus();
    else return;
    event.preventDefault();
  });
})();
