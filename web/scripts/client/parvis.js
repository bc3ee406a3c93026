// Comfort only: every page is complete without this file, and the server is the safeguard.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // The list of errors takes the focus, so that it is read and the keyboard starts there.
  document.querySelector("[data-focus]")?.focus();

  // A form is sent once; a second press is held back while the first is on its way, and it is said.
  for (const form of all("form[data-once]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = "1";
      const status = form.querySelector("[data-sending]");
      if (status) status.textContent = status.dataset.sending;
      for (const button of all("button[type=submit], button:not([type])", form)) button.setAttribute("aria-disabled", "true");
    });
  }
  // Coming back with the browser's arrow gives the form back.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of all("form[data-sent]")) {
      delete form.dataset.sent;
      for (const button of all("[aria-disabled]", form)) button.removeAttribute("aria-disabled");
      const status = form.querySelector("[data-sending]");
      if (status) status.textContent = "";
    }
  });

  // Printing needs a script, so its button appears with it.
  for (const button of all("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
  addEventListener("beforeprint", () => {
    for (const line of all("[data-printed]")) {
      line.textContent = line.dataset.printed + " " + new Date().toLocaleDateString(document.documentElement.lang, { dateStyle: "long" });
    }
  });

  // How many rows are chosen, beside what to do with them.
  for (const count of all("[data-count]")) {
    const form = count.closest("form");
    const show = () => {
      const n = all("[data-pick]").filter((box) => box.form === form && box.checked).length;
      count.textContent = n === 0 ? count.dataset.none : (n === 1 ? count.dataset.one : count.dataset.many.replace("%", n));
    };
    addEventListener("change", (event) => {
      if (event.target.matches?.("[data-pick]")) show();
    });
    show();
  }

  // Keys of the desk: one letter per gesture, / for the search. Never while writing, never with Ctrl, and
  // one may turn them off (WCAG 2.1.4); the choice is kept in this browser.
  const toggles = all("[data-keys-toggle]");
  if (toggles.length) {
    let off = /(^|; )touches=non/.test(document.cookie);
    const show = () => {
      document.body.classList.toggle("sans-touches", off);
      for (const t of toggles) {
        t.hidden = false;
        t.setAttribute("aria-pressed", String(!off));
      }
    };
    for (const t of toggles) {
      t.addEventListener("click", () => {
        off = !off;
        document.cookie = `touches=${off ? "non" : "oui"}; path=/; max-age=31536000; samesite=lax`;
        show();
      });
    }
    show();
    addEventListener("keydown", (event) => {
      if (off || event.ctrlKey || event.metaKey || event.altKey || !event.target.closest) return;
      if (event.target.closest("input, textarea, select, [contenteditable]")) return;
      if (event.key === "/") {
        const search = document.querySelector("[role=search] input");
        if (!search) return;
        event.preventDefault();
        search.focus();
        return;
      }
      // In a line of the day: the keys of its own buttons, came, absent, arrived.
      const line = event.target.closest("[data-keys]");
      const mark = line && all("[data-row-key]", line).find((b) => b.dataset.rowKey === event.key.toLowerCase());
      if (mark) {
        event.preventDefault();
        mark.click();
        return;
      }
      all("[data-key]").find((a) => a.dataset.key.toLowerCase() === event.key.toLowerCase())?.click();
    });
  }

  // A terminal that nobody uses goes back to its first page: a warning first, and any gesture keeps the page
  // (WCAG 2.2.1). Without script the page stays, and its button leaves.
  for (const box of document.querySelectorAll("[data-idle]")) {
    const warning = 20;
    let soon, late;
    const rest = () => {
      clearTimeout(soon);
      clearTimeout(late);
      box.hidden = true;
      soon = setTimeout(() => (box.hidden = false), (box.dataset.idle - warning) * 1000);
      late = setTimeout(() => location.replace(box.dataset.idleHref), box.dataset.idle * 1000);
    };
    for (const gesture of ["pointerdown", "keydown", "input", "pageshow"]) addEventListener(gesture, rest, { passive: true });
    rest();
  }
})();
