// What the page shows: the town hall's rows with what was done here on top, and the gestures that write
// operations.
"use strict";
(() => {
  const T = self.Terrain;

  T.fresh = () => ({ ops: [], blobs: new Map(), rows: new Map(), base: undefined, cursor: 0, last: 0, problem: "", syncing: false, loaded: false, tag: "" });
  T.state = T.fresh();
  const listeners = new Set();
  T.on = (fn) => listeners.add(fn);
  T.tell = () => { for (const fn of listeners) fn(); };

  // t is a text in the language of the page; {Name} is filled.
  T.t = (key, values = {}) => (T.words[key] || key).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));

  T.trade = (id) => T.state.base?.trades.find((x) => x.id === id);

  const over = new Set(["done", "checked", "cancelled", "moot", "impossible"]);
  T.over = (state) => over.has(state);

  // project puts an operation that is not read back yet on top of a row.
  function project(row, line) {
    const { op } = line;
    const p = op.payload;
    const at = op.ts_device + (op.clock_offset || 0);
    const journal = (more) => { row.journal = [...row.journal, { op: op.op_id, at, local: true, ...more }]; };
    switch (op.type) {
      case "set":
        if (p.field === "point") Object.assign(row, p.value);
        else if (p.field.startsWith("answer:")) row.answers = { ...row.answers, [p.field.slice(7)]: p.value };
        else row[p.field] = p.value;
        break;
      case "state":
        row.state = p.to;
        if (p.reason) row.reason = p.reason;
        if (p.outcome) row.outcome = p.outcome;
        if (p.to === "done") row.done = at;
        journal({ kind: "state", code: p.to, text: p.reason });
        break;
      case "check":
        row.checklist = { ...row.checklist, [p.key]: { verdict: p.verdict, value: p.value, note: p.note } };
        break;
      case "time":
        row.minutes = (row.minutes || 0) + p.minutes;
        journal({ kind: "time", minutes: p.minutes, text: p.text });
        break;
      case "photo": case "sign":
        journal({ kind: op.type, phase: p.phase, sha256: op.blobs[0], file: "waiting", text: p.text });
        break;
      case "note": case "part": case "contractor":
        journal({ kind: op.type, text: p.text, code: p.code, quantity: p.quantity, cents: p.cents });
        break;
    }
  }

  // orders lists what this person sees, with what they did.
  T.orders = () => {
    const out = new Map();
    for (const [uid, row] of T.state.rows) out.set(uid, { ...row, waiting: 0, review: [] });
    for (const line of T.state.ops) {
      const { op } = line;
      if (line.actor !== T.state.base?.person) continue;
      if (op.type === "create" && !out.has(op.entity) && line.state !== "fix") {
        out.set(op.entity, {
          uid: op.entity, number: "", state: "toplan", nature: "corrective", priority: 2, answers: {}, checklist: {}, journal: [], quantity: 0, minutes: 0, version: 0,
          ...op.payload, person: line.actor, waiting: 0, review: [], local: true,
        });
      }
      const row = out.get(op.entity);
      if (!row) continue;
      if (line.state === "waiting") row.waiting += 1;
      if (line.state === "review" || line.state === "fix") row.review.push(line);
      else if (op.type !== "create") project(row, line);
    }
    for (const row of out.values()) {
      row.photos = row.journal.filter((j) => (j.kind === "photo" || j.kind === "sign") && j.sha256);
      row.unsent = row.photos.filter((j) => T.state.blobs.get(j.sha256)?.state === "waiting").length;
    }
    return out;
  };

  // today is the work in the order of the day: begun, late, planned, the rest, then what was done today.
  T.today = () => {
    const now = Date.now();
    const end = new Date(); end.setHours(23, 59, 59, 999);
    const mine = (o) => !o.person || o.person === T.state.base?.person || T.state.base?.chief;
    const groups = { now: [], late: [], today: [], next: [], done: [] };
    for (const o of T.orders().values()) {
      if (T.over(o.state)) {
        if (o.state !== "cancelled" && (o.done || 0) > now - 86_400_000 || o.waiting || o.review.length) groups.done.push(o);
      } else if (o.state === "started" || o.state === "travelling") groups.now.push(o);
      else if (o.due && o.due < now) groups.late.push(o);
      else if (o.start && o.start <= end.getTime() && mine(o)) groups.today.push(o);
      else groups.next.push(o);
    }
    const by = (o) => [o.start || Infinity, o.due || Infinity, o.priority];
    for (const list of Object.values(groups)) list.sort((a, b) => { const x = by(a), y = by(b); return x[0] - y[0] || x[1] - y[1] || x[2] - y[2]; });
    return groups;
  };

  // counts is what waits, for the line that is always on the screen.
  T.counts = () => {
    let ops = 0, photos = 0, review = 0, others = 0;
    for (const line of T.state.ops) {
      if (line.state === "waiting") line.actor === T.state.base?.person ? ops++ : others++;
      if (line.state === "review" || line.state === "fix") review++;
    }
    for (const blob of T.state.blobs.values()) if (blob.state === "waiting") photos++;
    return { ops, photos, review, others };
  };

  // act writes one operation on an order; what is shown next is already on the disk.
  T.act = async (order, type, payload, photo) => {
    const line = await T.db.record({ entity: order.uid, base: order.version || 0, type, payload }, photo);
    T.say(T.t("saved"));
    T.soon();
    return line;
  };

  // settleConflict writes a person's choice between two values.
  T.choose = async (line, choice) => {
    if (line.state === "review") {
      await T.db.record({ entity: line.entity, base: line.result?.server_version || 0, type: "resolve", payload: { proposal: line.op_id, choice } });
    }
    await T.db.remove("ops", line.op_id);
    T.state.ops = T.state.ops.filter((l) => l !== line);
    T.say(T.t("saved"));
    T.tell();
    T.soon();
  };

  let soon;
  T.soon = () => { clearTimeout(soon); soon = setTimeout(() => T.sync("saved"), 800); };

  // room tells how full the browser's storage is, from 0 to 1; undefined when it does not say.
  T.room = async () => {
    if (!navigator.storage?.estimate) return undefined;
    const { usage, quota } = await navigator.storage.estimate();
    return quota ? { ratio: usage / quota, usage, quota } : undefined;
  };

  const LONGEST = 2048;

  // picture makes a file small and nameless: drawn again, so that nothing but the image stays.
  T.picture = async (file) => {
    const room = await T.room();
    if (room && room.ratio >= 0.95) throw new Error(T.t("photo.full"));
    let bitmap;
    try {
      bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    } catch {
      throw new Error(T.t("photo.unreadable"));
    }
    const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return T.sealed(canvas);
  };

  // sealed is a canvas as a photo of the outbox, named by its content.
  T.sealed = async (canvas) => {
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.7));
    if (!blob) throw new Error(T.t("photo.unreadable"));
    const sum = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
    const sha256 = [...new Uint8Array(sum)].map((x) => x.toString(16).padStart(2, "0")).join("");
    return { sha256, blob };
  };

  const day = (at) => new Intl.DateTimeFormat(T.config.lang, { weekday: "short", day: "numeric", month: "short", timeZone: T.config.zone }).format(at);
  const clock = (at) => {
    const text = new Intl.DateTimeFormat(T.config.lang, { hour: "numeric", minute: "2-digit", timeZone: T.config.zone }).format(at);
    return T.config.lang === "fr" ? text.replace(/^0?(\d+):(\d\d)$/, (_, h, m) => (m === "00" ? `${h}\u00a0h` : `${h}\u00a0h\u00a0${m}`)) : text;
  };
  T.clock = clock;
  T.when = (at) => {
    const same = day(at) === day(Date.now());
    return same ? T.t("today.at", { When: clock(at) }) : T.t("day.at", { Day: day(at), When: clock(at) });
  };
  T.size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1000))}\u00a0${T.t("kb")}` : `${(bytes / 1e6).toFixed(1).replace(".", T.config.lang === "fr" ? "," : ".")}\u00a0${T.t("mb")}`);
})();
