// The pages of the field page, built as elements: no text of anybody ever becomes markup.
"use strict";
(() => {
  const T = self.Terrain;

  // h makes an element; attributes that are functions are listeners.
  const h = (name, attributes, ...children) => {
    const e = document.createElement(name);
    for (const [k, v] of Object.entries(attributes || {})) {
      if (typeof v === "function") e.addEventListener(k, v);
      else if (v === true) e.setAttribute(k, "");
      else if (v !== false && v !== undefined && v !== null && v !== "") e.setAttribute(k, v);
    }
    e.append(...children.flat(Infinity).filter((c) => c !== undefined && c !== null && c !== false && c !== ""));
    return e;
  };
  T.h = h;
  const t = (key, values) => T.t(key, values);
  const button = (label, kind, press, more) => h("button", { type: "button", class: "btn btn-" + (kind || "outline"), click: guard(press), ...more }, label);

  // guard shows what went wrong instead of swallowing it.
  function guard(fn) {
    return async (event) => {
      try {
        await fn(event);
      } catch (err) {
        T.say(t("failed", { Why: err?.name === "QuotaExceededError" ? t("photo.full") : String(err?.message || err) }), true);
      }
    };
  }
  T.guard = guard;

  const badgeOf = { toplan: "line", planned: "info", travelling: "acc", started: "acc", suspended: "wait", done: "ok", checked: "ok", cancelled: "line", moot: "line", impossible: "late" };
  const badge = (o) => h("span", { class: "badge " + (badgeOf[o.state] || "") }, t("state." + o.state));

  function card(o) {
    const trade = T.trade(o.trade);
    const late = o.due && o.due < Date.now() && !T.over(o.state);
    const marks = [];
    if (o.review.length) marks.push(h("span", { class: "badge late" }, t("review.badge")));
    else if (o.waiting) marks.push(h("span", { class: "badge wait" }, t("waiting.badge")));
    if (o.unsent) marks.push(h("span", { class: "badge wait" }, t(o.unsent > 1 ? "photos.badge.many" : "photos.badge.one", { N: o.unsent })));
    return h("li", {}, h("a", { class: "fiche", href: "#/i/" + o.uid },
      h("span", { class: "fiche-t" }, o.title),
      h("span", { class: "fiche-d" }, [trade?.name, o.address].filter(Boolean).join(" · ")),
      h("span", { class: "fiche-e" }, badge(o), ...marks,
        late ? h("span", { class: "badge late" }, t("late", { When: T.when(o.due) })) : o.start && !T.over(o.state) ? h("span", { class: "heure" }, T.when(o.start)) : "")));
  }

  T.views = {};
  T.views.today = () => {
    const groups = T.today();
    const out = [h("h1", { tabindex: "-1" }, t("today.title"))];
    const total = Object.values(groups).reduce((n, l) => n + l.length, 0);
    if (!T.state.base) out.push(h("div", { class: "vide" }, h("p", {}, t("first.text"))));
    else if (!total) out.push(h("div", { class: "vide" }, h("p", {}, t("today.none"))));
    for (const [name, list] of Object.entries(groups)) {
      if (!list.length) continue;
      out.push(h("section", { class: "stack flow-3", "aria-labelledby": "g-" + name },
        h("h2", { id: "g-" + name, class: name === "late" ? "tard" : "" }, t("group." + name, { N: list.length })), h("ul", { class: "fiches" }, list.map(card))));
    }
    if (T.state.base) out.push(h("p", {}, h("a", { class: "btn btn-outline", href: "#/nouvelle" }, t("new.button"))));
    return out;
  };

  T.views.map = () => {
    const list = [...T.orders().values()].filter((o) => o.lat !== undefined && o.lat !== null && (!T.over(o.state) || o.waiting)).sort((a, b) => (a.start || a.due || Infinity) - (b.start || b.due || Infinity));
    for (const o of list) o.late = o.due && o.due < Date.now() && !T.over(o.state);
    const move = (what, label) => button(t("map." + label), "outline", () => { T.mapMove(what); T.render(); document.getElementById("carte-" + what)?.focus(); }, { id: "carte-" + what });
    const picture = T.map(list, T.here);
    return [h("h1", { tabindex: "-1" }, t("map.title")),
      picture || h("p", {}, t("map.none")),
      h("div", { class: "commandes", role: "group", "aria-label": t("map.tools") }, move("in", "in"), move("out", "out"), move("left", "left"), move("right", "right"), move("up", "up"), move("down", "down"), move("home", "home"),
        navigator.geolocation && button(t("map.here"), "outline", () => T.locate().then((p) => { T.here = p; T.render(); }))),
      h("h2", {}, t("map.list")),
      h("ol", { class: "fiches" }, list.map(card))];
  };

  // field draws one question of the trade; it is saved when it is left.
  function field(o, f) {
    const id = "q-" + f.key;
    const value = o.answers?.[f.key] ?? "";
    const save = guard((e) => T.act(o, "set", { field: "answer:" + f.key, value: e.target.value }));
    let control;
    if (f.kind === "choice" || f.kind === "bool") {
      const list = f.kind === "bool" ? ["oui", "non"] : f.options || [];
      control = h("select", { id, class: "form-select", change: save }, h("option", { value: "" }, t("choose")), list.map((x) => h("option", { value: x, selected: x === value }, f.kind === "bool" ? t("answer." + x) : x)));
    } else {
      control = h("input", { id, class: "form-control", type: f.kind === "date" ? "date" : "text", inputmode: f.kind === "number" ? "decimal" : undefined, value, change: save });
    }
    return h("div", { class: "champ" }, h("label", { for: id, class: "form-label" }, f.label + (f.unit ? ` (${f.unit})` : "")), control);
  }

  function item(o, x) {
    const now = o.checklist?.[x.key] || {};
    const save = (verdict, value) => T.act(o, "check", { key: x.key, verdict, value: value ?? now.value ?? "", note: now.note ?? "" });
    const box = (verdict) => h("label", { class: "coche" }, h("input", { type: "radio", name: "c-" + x.key, value: verdict, checked: now.verdict === verdict, change: guard(() => save(verdict)) }), h("span", {}, t("check." + verdict)));
    return h("fieldset", { class: "controle" }, h("legend", {}, x.label, x.photo ? h("small", {}, " · " + t("check.photo")) : ""),
      h("div", { class: "coches" }, box("ok"), box("nok"), box("na")),
      x.unit && h("div", { class: "champ" }, h("label", { for: "v-" + x.key, class: "form-label" }, t("check.value", { Unit: x.unit })),
        h("input", { id: "v-" + x.key, class: "form-control w-s num", inputmode: "decimal", value: now.value || "", change: guard((e) => save(now.verdict || "ok", e.target.value)) })));
  }

  // shoot is the button that opens the camera.
  function shoot(o, phase) {
    const id = "photo-" + phase;
    const take = guard(async (e) => {
      const file = e.target.files[0];
      if (!file) return;
      T.say(t("photo.working"));
      await T.act(o, "photo", { phase }, await T.picture(file));
    });
    return h("div", { class: "prise" }, h("label", { class: "btn btn-outline", for: id }, t("photo." + phase)), h("input", { id, type: "file", accept: "image/*", capture: "environment", class: "visually-hidden", change: take }));
  }

  // shown draws a photo: from this device when it has it, else from the town hall.
  function shown(j) {
    const label = t("photo.alt." + (j.phase || (j.kind === "sign" ? "sign" : "during")), { When: T.when(j.at) });
    const local = T.state.blobs.get(j.sha256);
    const state = local?.state === "waiting" ? t("photo.waiting") : j.file === "refused" ? t("photo.refused") : "";
    const figure = h("figure", { class: "photo" });
    if (local) {
      const canvas = h("canvas", { role: "img", "aria-label": label });
      createImageBitmap(local.blob).then((b) => {
        canvas.width = 320; canvas.height = Math.round(320 * b.height / b.width);
        canvas.getContext("2d").drawImage(b, 0, 0, canvas.width, canvas.height);
        b.close();
      }).catch(() => {});
      figure.append(canvas);
    } else if (j.id) figure.append(h("img", { src: T.config.base + "/photos/" + j.id, alt: label, loading: "lazy", width: "320", height: "240" }));
    figure.append(h("figcaption", {}, [t("phase." + (j.phase || j.kind)), T.clock(j.at), state].filter(Boolean).join(" · ")));
    return figure;
  }

  const opens = (id, title, ...body) => h("details", { class: "depliant", id, open: T.open.has(id), toggle: (e) => T.open[e.target.open ? "add" : "delete"](id) }, h("summary", {}, title), h("div", { class: "stack flow-4" }, ...body));
  T.open = new Set(["controles", "photos"]);

  // gestures are the moves that the present state allows.
  function gestures(o, trade) {
    const go = (to, kind) => button(t("do." + to), kind, () => T.act(o, "state", { to }));
    const why = (to) => button(t("do." + to), "outline", async () => {
      const reason = await T.askText(t("reason." + to));
      if (reason) await T.act(o, "state", { to, reason });
    });
    const finish = button(t("do.done"), "primary", async () => {
      const missing = [];
      if (trade?.config.after && !o.photos.some((p) => p.phase === "after")) missing.push(t("missing.after"));
      for (const f of trade?.config.fields || []) if (f.required && !o.answers?.[f.key]) missing.push(f.label);
      if (missing.length && !(await T.askYes(t("missing.title"), missing.join(", "), t("missing.anyway")))) return;
      await T.act(o, "state", { to: "done", outcome: o.outcome || "" });
    });
    switch (o.state) {
      case "toplan": case "planned": return [go("started", "primary"), go("travelling"), why("moot"), why("impossible")];
      case "travelling": return [go("started", "primary"), why("moot"), why("impossible")];
      case "started": return [finish, why("suspended"), why("impossible")];
      case "suspended": return [go("started", "primary"), why("impossible")];
    }
    return [];
  }

  function conflict(line, o) {
    const r = line.result || {};
    const show = (v) => (v === null || v === undefined || v === "" ? t("nothing") : typeof v === "object" ? (v.to ? t("state." + v.to) + (v.reason ? `, ${v.reason}` : "") : JSON.stringify(v)) : String(v));
    const mine = line.op.payload?.value ?? (line.op.type === "state" ? line.op.payload : line.op.payload?.text);
    const field = r.field ? (r.field.startsWith("answer:") ? T.trade(o?.trade)?.config.fields?.find((f) => "answer:" + f.key === r.field)?.label || r.field.slice(7) : t("field." + r.field)) : t("op." + line.op.type);
    if (line.state === "fix") {
      return h("div", { class: "alert late" }, h("p", {}, h("b", {}, t("fix.title", { What: field })), " ", t("fix.why." + String(r.reason).split(":")[0]) === "fix.why." + String(r.reason).split(":")[0] ? t("fix.why.other", { Why: r.reason }) : t("fix.why." + String(r.reason).split(":")[0])),
        h("p", {}, t("fix.mine", { Value: show(mine) })), button(t("fix.drop"), "outline", () => T.choose(line)));
    }
    if (r.field === undefined || r.field === "") {
      return h("div", { class: "alert wait" }, h("p", {}, h("b", {}, t("gone.title"))), h("p", {}, t("fix.mine", { Value: show(mine) })), button(t("fix.drop"), "outline", () => T.choose(line, "theirs")));
    }
    return h("div", { class: "alert wait" }, h("p", {}, h("b", {}, t("conflict.title", { What: field }))), h("p", {}, t("conflict.text")),
      h("dl", { class: "deux" }, h("div", {}, h("dt", {}, t("conflict.office")), h("dd", {}, show(r.server_value))), h("div", {}, h("dt", {}, t("conflict.mine")), h("dd", {}, show(mine)))),
      h("div", { class: "inline" }, button(t("conflict.keep.office"), "primary", () => T.choose(line, "theirs")), button(t("conflict.keep.mine"), "outline", () => T.choose(line, "mine"))));
  }
  T.conflict = conflict;

  T.views.order = (uid) => {
    const o = T.orders().get(uid);
    if (!o) return [h("h1", { tabindex: "-1" }, t("order.gone.title")), h("p", {}, t("order.gone.text")), h("p", {}, h("a", { href: "#/" }, t("back")))];
    const trade = T.trade(o.trade);
    const c = trade?.config || { fields: [], checklist: [], outcomes: [], materials: [] };
    const open = !T.over(o.state);
    const facts = [[t("fact.number"), o.number || t("fact.new")], [t("fact.trade"), trade?.name], [t("fact.where"), o.address], [t("fact.planned"), o.start && T.when(o.start)], [t("fact.due"), o.due && T.when(o.due)],
      [t("fact.asset"), o.asset?.name], [t("fact.before"), o.before ? t(o.before > 1 ? "fact.before.many" : "fact.before.one", { N: o.before, When: o.last ? T.when(o.last) : "" }) : ""],
      [t("fact.reason"), o.reason], [t("fact.minutes"), o.minutes ? t("minutes", { N: o.minutes }) : ""]].filter(([, v]) => v);
    const add = (type, read, reset) => guard(async (e) => {
      e.preventDefault();
      const payload = read(new FormData(e.target));
      if (payload) { await T.act(o, type, payload); e.target.reset(); reset?.(); }
    });
    return [
      h("p", {}, h("a", { href: "#/" }, "‹ " + t("back"))),
      h("h1", { tabindex: "-1" }, o.title),
      h("p", { class: "inline" }, badge(o), o.priority === 1 ? h("span", { class: "badge late" }, t("priority.1")) : "", o.waiting ? h("span", { class: "badge wait" }, t("waiting.badge")) : ""),
      o.review.map((line) => conflict(line, o)),
      o.description && h("p", { class: "texte" }, o.description),
      h("dl", { class: "faits" }, facts.map(([k, v]) => h("div", {}, h("dt", {}, k), h("dd", {}, v)))),
      o.lat !== undefined && o.lat !== null && h("p", {}, h("a", { class: "btn btn-outline", href: `geo:${o.lat},${o.lon}?q=${o.lat},${o.lon}` }, t("way"))),
      h("div", { class: "gestes-t", role: "group", "aria-label": t("do.label") }, gestures(o, trade)),
      opens("photos", t("photos.title", { N: o.photos.length }), h("div", { class: "inline" }, open || o.state === "done" ? [shoot(o, "before"), shoot(o, "after")] : ""), h("div", { class: "photos" }, o.photos.map(shown))),
      c.checklist?.length ? opens("controles", t("check.title", { Done: Object.keys(o.checklist || {}).length, N: c.checklist.length }), c.checklist.map((x) => item(o, x))) : "",
      c.fields?.length || c.quantity ? opens("formulaire", t("form.title"), (c.fields || []).map((f) => field(o, f)),
        c.quantity && h("div", { class: "champ" }, h("label", { for: "quantite", class: "form-label" }, `${c.quantity} (${c.unit})`), h("input", { id: "quantite", class: "form-control w-s num", inputmode: "decimal", value: o.quantity || "",
          change: guard((e) => { const v = Number(e.target.value.replace(",", ".")); if (Number.isNaN(v) || v < 0) throw new Error(t("number")); return T.act(o, "set", { field: "quantity", value: v }); }) })),
        c.outcomes?.length && h("div", { class: "champ" }, h("label", { for: "issue", class: "form-label" }, t("outcome")), h("select", { id: "issue", class: "form-select", change: guard((e) => T.act(o, "set", { field: "outcome", value: e.target.value })) },
          h("option", { value: "" }, t("choose")), c.outcomes.map((x) => h("option", { value: x.key, selected: x.key === o.outcome }, x.label))))) : "",
      opens("temps", t("time.title"), h("form", { class: "inline bas", submit: add("time", (f) => { const n = Math.round(Number(f.get("minutes"))); if (!(n >= 1 && n <= 1440)) throw new Error(t("number")); return { minutes: n }; }) },
        h("div", { class: "champ" }, h("label", { for: "minutes", class: "form-label" }, t("time.label")), h("input", { id: "minutes", name: "minutes", class: "form-control w-s num", inputmode: "numeric" })), h("button", { class: "btn btn-outline" }, t("time.add"))),
        h("form", { class: "inline bas", submit: add("part", (f) => { const q = Number(String(f.get("q")).replace(",", ".")); if (!(q > 0)) throw new Error(t("number")); const code = f.get("code"); return code ? { code, quantity: q } : f.get("text") ? { text: f.get("text"), quantity: q } : undefined; }) },
          h("div", { class: "champ" }, h("label", { for: "materiel", class: "form-label" }, t("part.label")), c.materials?.length ? h("select", { id: "materiel", name: "code", class: "form-select" }, c.materials.map((m) => h("option", { value: m.key }, `${m.label} (${m.unit})`))) : h("input", { id: "materiel", name: "text", class: "form-control", maxlength: "120" })),
          h("div", { class: "champ" }, h("label", { for: "q", class: "form-label" }, t("part.quantity")), h("input", { id: "q", name: "q", class: "form-control w-s num", inputmode: "decimal" })), h("button", { class: "btn btn-outline" }, t("part.add")))),
      opens("notes", t("note.title"), h("form", { class: "stack flow-3", submit: add("note", (f) => (String(f.get("text")).trim() ? { text: String(f.get("text")).trim() } : undefined)) },
        h("label", { for: "note", class: "form-label" }, t("note.label")), h("textarea", { id: "note", name: "text", class: "form-control", rows: "3", maxlength: "2000" }), h("button", { class: "btn btn-outline" }, t("note.add")))),
      c.sign && open ? opens("signature", t("sign.title"), T.signature(o)) : "",
      opens("journal", t("journal.title"), h("ol", { class: "journal" }, [...o.journal].reverse().map((j) => h("li", {}, h("b", {}, journalText(j)), h("small", {}, j.local || !j.received ? t("journal.local", { When: T.when(j.at) }) : j.received - j.at > 120_000 ? t("journal.both", { When: T.when(j.at), Received: T.when(j.received) }) : T.when(j.at)))))),
    ];
  };

  function journalText(j) {
    switch (j.kind) {
      case "state": return t("state." + j.code) + (j.text ? ` — ${j.text}`.replace(" — ", "\u00a0: ") : "");
      case "time": return t("minutes", { N: j.minutes });
      case "part": return `${j.text || j.code}, ${j.quantity}`;
      case "photo": return t("phase." + (j.phase || "during"));
      case "sign": return t("phase.sign");
    }
    return j.text || j.kind;
  }
})();
