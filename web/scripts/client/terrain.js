// The field page: starts, routes, installs, keeps the line of what waits. Needs the four files before it.
"use strict";
(() => {
  const T = self.Terrain;
  const root = document.getElementById("terrain");
  T.config = { base: root.dataset.base, signin: root.dataset.signin, lang: root.dataset.lang, zone: root.dataset.zone, device: (navigator.userAgentData?.platform || navigator.platform || "").slice(0, 40) };
  T.words = JSON.parse(document.getElementById("mots").content.textContent);
  const { h } = T;
  const t = (key, values) => T.t(key, values);
  const main = document.getElementById("contenu");
  const live = document.getElementById("annonce");
  const line = document.getElementById("etat");
  root.hidden = false;

  T.say = (text, wrong) => {
    live.textContent = "";
    live.classList.toggle("grave", !!wrong);
    requestAnimationFrame(() => { live.textContent = text; });
    clearTimeout(T.hush);
    T.hush = setTimeout(() => { live.textContent = ""; }, wrong ? 12_000 : 4000);
  };

  // dialog asks and waits; the browser's own element keeps the keyboard inside.
  function dialog(title, body, yes) {
    return new Promise((resolve) => {
      const box = h("dialog", { "aria-labelledby": "boite-t" }, h("form", { method: "dialog", class: "stack flow-4" }, h("h2", { id: "boite-t" }, title), body,
        h("div", { class: "inline" }, h("button", { class: "btn btn-primary", value: "yes" }, yes), h("button", { class: "btn btn-outline", value: "no", formnovalidate: true }, t("cancel")))));
      box.addEventListener("close", () => { box.remove(); resolve(box.returnValue === "yes"); });
      document.body.append(box);
      box.showModal();
    });
  }
  T.askText = async (title) => {
    const input = h("textarea", { id: "boite-r", class: "form-control", rows: "3", maxlength: "500", required: true });
    return (await dialog(title, [h("label", { for: "boite-r", class: "form-label" }, t("reason.label")), input], t("reason.ok"))) ? input.value.trim() : "";
  };
  T.askYes = (title, text, yes) => dialog(title, [h("p", {}, text)], yes);

  T.locate = () => new Promise((resolve, reject) => navigator.geolocation.getCurrentPosition((p) => resolve({ lat: p.coords.latitude, lon: p.coords.longitude, accuracy: p.coords.accuracy }),
    () => reject(new Error(t("locate.refused"))), { enableHighAccuracy: true, timeout: 15_000, maximumAge: 60_000 }));

  // signature is a frame to sign in with a finger; the name alone will do.
  T.signature = (o) => {
    const canvas = h("canvas", { width: "600", height: "200", class: "signature", role: "img", "aria-label": t("sign.frame") });
    const c = canvas.getContext("2d");
    const clear = () => { c.fillStyle = "#fff"; c.fillRect(0, 0, 600, 200); };
    clear();
    let drawing = false, drawn = false;
    const at = (e) => { const r = canvas.getBoundingClientRect(); return [(e.clientX - r.left) * 600 / r.width, (e.clientY - r.top) * 200 / r.height]; };
    canvas.addEventListener("pointerdown", (e) => { drawing = drawn = true; canvas.setPointerCapture(e.pointerId); c.beginPath(); c.moveTo(...at(e)); });
    canvas.addEventListener("pointermove", (e) => { if (drawing) { c.lineWidth = 3; c.lineCap = "round"; c.strokeStyle = "#12343B"; c.lineTo(...at(e)); c.stroke(); } });
    canvas.addEventListener("pointerup", () => { drawing = false; });
    const name = h("input", { id: "signataire", class: "form-control", maxlength: "120", autocomplete: "off" });
    return [canvas, h("div", { class: "champ" }, h("label", { for: "signataire", class: "form-label" }, t("sign.name")), name),
      h("div", { class: "inline" }, h("button", { type: "button", class: "btn btn-outline", click: () => { clear(); drawn = false; } }, t("sign.clear")),
        h("button", { type: "button", class: "btn btn-primary", click: T.guard(async () => {
          if (drawn) await T.act(o, "sign", { text: name.value.trim() }, await T.sealed(canvas));
          else if (name.value.trim()) await T.act(o, "note", { text: t("sign.without", { Name: name.value.trim() }) });
        }) }, t("sign.save")))];
  };

  T.views.new = () => {
    const trades = (T.state.base?.trades || []).filter((x) => x.active);
    const draft = T.draft || (T.draft = {});
    const keep = (key) => (e) => { draft[key] = e.target.value; };
    const where = h("p", { role: "status" }, draft.point ? t("new.located", { M: Math.round(draft.point.accuracy || 0) }) : "");
    return [h("h1", { tabindex: "-1" }, t("new.title")),
      h("form", { class: "stack flow-5", submit: T.guard(async (e) => {
        e.preventDefault();
        const f = new FormData(e.target);
        const title = String(f.get("title")).trim();
        if (!title) throw new Error(t("new.missing"));
        const uid = T.db.uuid();
        const payload = { trade: f.get("trade"), title, description: String(f.get("description")).trim(), address: String(f.get("address")).trim(), priority: f.get("urgent") ? 1 : 2 };
        if (draft.point) Object.assign(payload, { lat: draft.point.lat, lon: draft.point.lon });
        await T.db.record({ entity: uid, base: 0, type: "create", payload });
        T.draft = undefined;
        T.say(t("saved"));
        T.soon();
        location.hash = "#/i/" + uid;
      }) },
      h("div", { class: "champ" }, h("label", { for: "n-metier", class: "form-label" }, t("new.trade")), h("select", { id: "n-metier", name: "trade", class: "form-select", change: keep("trade") }, trades.map((x) => h("option", { value: x.id, selected: draft.trade === x.id }, x.name)))),
      h("div", { class: "champ" }, h("label", { for: "n-titre", class: "form-label" }, t("new.what")), h("input", { id: "n-titre", name: "title", class: "form-control", maxlength: "160", value: draft.title, input: keep("title") })),
      h("div", { class: "champ" }, h("label", { for: "n-lieu", class: "form-label" }, t("new.where")), h("input", { id: "n-lieu", name: "address", class: "form-control", maxlength: "200", value: draft.address, input: keep("address") })),
      navigator.geolocation && h("div", { class: "champ" }, h("button", { type: "button", class: "btn btn-outline", click: T.guard(async () => { draft.point = await T.locate(); where.textContent = t("new.located", { M: Math.round(draft.point.accuracy || 0) }); }) }, t("new.locate")), where),
      h("div", { class: "champ" }, h("label", { for: "n-texte", class: "form-label" }, t("new.text")), h("textarea", { id: "n-texte", name: "description", class: "form-control", rows: "3", maxlength: "2000", input: keep("description") }, draft.description || "")),
      h("label", { class: "coche" }, h("input", { type: "checkbox", name: "urgent" }), h("span", {}, t("priority.1"))),
      h("div", {}, h("button", { class: "btn btn-primary" }, t("new.save"))))];
  };

  T.views.outbox = () => {
    const n = T.counts();
    const orders = T.orders();
    const look = T.state.ops.filter((l) => l.state === "review" || l.state === "fix");
    const waiting = T.state.ops.filter((l) => l.state === "waiting");
    const store = h("p", { class: "muted" });
    T.room().then((r) => {
      if (!r) return;
      store.textContent = t("storage.text", { Used: T.size(r.usage), Ratio: Math.max(1, Math.round(r.ratio * 100)) });
      if (r.ratio > 0.8) store.replaceWith(h("p", { class: "alert late" }, t(r.ratio >= 0.95 ? "storage.full" : "storage.warn", { Ratio: Math.round(r.ratio * 100) })));
    });
    return [h("h1", { tabindex: "-1" }, t("outbox.title")),
      h("p", {}, h("button", { type: "button", class: "btn btn-primary", "aria-disabled": T.state.syncing ? "true" : undefined, click: () => T.sync("button") }, t("sync.button"))),
      problem(),
      h("p", {}, T.state.last ? t("sync.last", { When: T.when(T.state.last) }) : t("sync.never")),
      look.length ? h("section", { class: "stack flow-4" }, h("h2", {}, t("review.title", { N: look.length })), look.map((l) => h("div", { class: "stack flow-3" }, h("p", {}, h("a", { href: "#/i/" + l.entity }, orders.get(l.entity)?.title || t("order.gone.title"))), T.conflict(l, orders.get(l.entity)))),
        h("p", {}, h("button", { type: "button", class: "btn btn-outline", click: () => T.save(look) }, t("export")))) : "",
      h("section", { class: "stack flow-3" }, h("h2", {}, t("outbox.waiting", { N: waiting.length, Photos: n.photos })),
        waiting.length ? h("ol", { class: "journal" }, waiting.slice(0, 100).map((l) => h("li", {}, h("b", {}, t("op." + l.op.type)), h("small", {}, [orders.get(l.entity)?.title, T.when(l.op.ts_device)].filter(Boolean).join(" · "))))) : h("p", { class: "muted" }, t("outbox.none")),
        n.others ? h("p", { class: "alert wait" }, t("outbox.others", { N: n.others })) : ""),
      h("section", { class: "stack flow-3" }, h("h2", {}, t("storage.title")), store, h("p", { id: "garde", class: "muted" }, T.persisted === true ? t("storage.kept") : T.persisted === false ? t("storage.notkept") : "")),
      T.install ? h("p", {}, h("button", { type: "button", class: "btn btn-outline", click: async () => { await T.install.prompt(); T.install = undefined; T.render(); } }, t("install"))) : "",
    ];
  };

  // save gives what is to be put right as a file: it is the agent's, whatever happens.
  T.save = (lines) => {
    const url = URL.createObjectURL(new Blob([JSON.stringify(lines.map(({ op, result }) => ({ op, result })), null, 2)], { type: "application/json" }));
    h("a", { href: url, download: "terrain-a-corriger.json" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  };

  function problem() {
    const why = T.state.problem;
    if (!why) return "";
    return h("div", { class: "alert " + (why === "network" ? "info" : "wait") }, h("p", {}, t("problem." + why, { Why: T.state.fault || T.state.status })), why === "signin" ? h("p", {}, h("a", { class: "btn btn-primary", href: T.config.signin }, t("signin"))) : "");
  }

  // status is the line that is always there: network, what waits, last synchronisation.
  function status() {
    const n = T.counts();
    const parts = [navigator.onLine ? "" : t("offline")];
    if (T.state.syncing) parts.push(t("syncing"));
    else if (n.ops || n.photos) parts.push(t("line.waiting", { Ops: n.ops, Photos: n.photos }));
    else if (T.state.last) parts.push(t("line.done", { When: T.when(T.state.last) }));
    if (n.review) parts.push(t(n.review > 1 ? "line.review.many" : "line.review.one", { N: n.review }));
    line.textContent = parts.filter(Boolean).join(" · ");
    document.getElementById("envois-n").textContent = n.ops + n.photos + n.review ? String(n.ops + n.photos + n.review) : "";
  }

  const routes = [[/^#\/i\/([0-9a-f-]{36})$/, "order"], [/^#\/carte$/, "map"], [/^#\/nouvelle$/, "new"], [/^#\/envois$/, "outbox"], [/^/, "today"]];
  let shownAt = "";

  T.render = () => {
    const hash = location.hash;
    const [pattern, name] = routes.find(([p]) => p.test(hash));
    const focus = document.activeElement?.id, scroll = scrollY, moved = hash !== shownAt;
    // What is being typed is not taken from under the fingers.
    const typing = !moved && main.contains(document.activeElement) && /^(INPUT|TEXTAREA|SELECT|CANVAS)$/.test(document.activeElement.tagName) && !/^(radio|checkbox|file)$/.test(document.activeElement.type || "");
    status();
    if (typing) { T.stale = true; return; }
    T.stale = false;
    shownAt = hash;
    const extra = T.state.problem === "signin" || T.state.problem === "revoked" ? problem() : "";
    main.replaceChildren(...[extra, ...T.views[name](hash.match(pattern)?.[1])].flat(Infinity).filter((x) => x !== "" && x !== undefined && x !== null && x !== false));
    for (const a of document.querySelectorAll("#onglets a")) {
      if (a.getAttribute("href") === (hash || "#/") || (name === "today" && a.getAttribute("href") === "#/")) a.setAttribute("aria-current", "page");
      else a.removeAttribute("aria-current");
    }
    if (moved && T.started) { scrollTo(0, 0); main.querySelector("h1")?.focus(); } else { if (focus) document.getElementById(focus)?.focus({ preventScroll: true }); scrollTo(0, scroll); }
    document.title = (main.querySelector("h1")?.textContent || "") + " · " + root.dataset.title;
  };
  let pending;
  T.on(() => { clearTimeout(pending); pending = setTimeout(T.render, 30); });
  main.addEventListener("focusout", () => { if (T.stale) setTimeout(T.render, 150); });

  addEventListener("hashchange", T.render);
  addEventListener("online", () => T.sync("online"));
  addEventListener("offline", T.render);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") T.sync("visible"); });
  addEventListener("beforeinstallprompt", (event) => { event.preventDefault(); T.install = event; T.render(); });

  async function keep() {
    if (!("serviceWorker" in navigator)) { T.state.problem = "worker"; return; }
    const registration = await navigator.serviceWorker.register(T.config.base + "/service.js", { scope: T.config.base });
    // A new version takes over when nothing is unsent.
    const offer = () => { const n = T.counts(); if (registration.waiting && !n.ops && !n.photos) registration.waiting.postMessage("take"); };
    T.on(offer);
    await navigator.serviceWorker.ready;
    root.dataset.ready = "1";
    T.persisted = await navigator.storage?.persist?.();
  }

  const IDLE = 30 * 86_400_000;
  (async () => {
    try {
      if (self.BroadcastChannel) {
        T.others = new BroadcastChannel("parvis-terrain:" + T.config.base);
        T.others.onmessage = () => T.db.load().then(T.tell);
      }
      await T.db.load();
      // A device nobody used for long forgets what it had read.
      if (T.state.last && Date.now() - T.state.last > IDLE && !T.state.ops.length) { await T.db.wipe(); T.state = T.fresh(); await T.db.load(); }
    } catch (err) {
      T.state.problem = "device";
      T.state.fault = String(err?.message || err);
    }
    T.render();
    T.started = true;
    keep().catch(() => {}).finally(T.tell);
    T.sync("start");
  })();
})();
