// Synchronisation: operations first, in order, then what the town hall says, then the photos. Nothing leaves
// the outbox without an answer that names it; whatever goes wrong, it stays and is sent again.
"use strict";
(() => {
  const T = self.Terrain;
  const MAX_OPS = 100;
  const MAX_BYTES = 200_000;
  const PIECE = 256 * 1024;
  let running = false;
  let again = false;
  let failures = 0;
  let timer;

  // Stop is why a synchronisation ends early; nothing is lost by it.
  class Stop extends Error {
    constructor(why, status = 0) { super(why); this.why = why; this.status = status; }
  }

  async function ask(path, options = {}) {
    let response;
    try {
      response = await fetch(T.config.base + path, { redirect: "manual", credentials: "same-origin", cache: "no-store", signal: AbortSignal.timeout(60_000), ...options });
    } catch {
      throw new Stop("network");
    }
    if (response.type === "opaqueredirect" || response.status === 401) throw new Stop("signin", 401);
    return response;
  }

  async function read(response) {
    if (!response.ok) throw new Stop(response.status === 403 ? "forbidden" : "server", response.status);
    try {
      return await response.json();
    } catch {
      throw new Stop("network"); // cut in the middle
    }
  }

  const clockOf = (now) => {
    T.state.clock = { offset: now - Date.now(), at: Date.now() };
    return T.db.put("meta", T.state.clock, "clock");
  };

  // batchOf takes what waits, in order, as much as one request may hold.
  function batchOf(most) {
    const person = T.state.base?.person;
    const out = [];
    let bytes = 0;
    for (const line of T.state.ops) {
      if (line.state !== "waiting" || line.actor !== person) continue;
      const size = JSON.stringify(line.op).length * 2;
      if (out.length && (out.length >= most || bytes + size > MAX_BYTES)) break;
      out.push(line);
      bytes += size;
    }
    return out;
  }

  async function push() {
    let most = MAX_OPS;
    const skip = new Set();
    for (;;) {
      const lines = batchOf(most).filter((l) => !skip.has(l.op_id));
      if (!lines.length) return;
      const device = lines[0].device;
      const same = lines.filter((l) => l.device === device);
      const response = await ask("/sync/push", {
        method: "POST", headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ device, name: T.config.device, device_now: Date.now(), ops: same.map((l) => l.op) }),
      });
      if (response.status === 413) {
        if (same.length === 1) throw new Stop("large", 413);
        most = Math.max(1, Math.floor(same.length / 2));
        continue;
      }
      const answer = await read(response);
      if (answer.revoked) throw new Stop("revoked");
      await clockOf(answer.now);
      const byID = new Map((answer.results || []).map((r) => [r.op_id, r]));
      let moved = 0;
      for (const line of same) {
        const r = byID.get(line.op_id);
        if (!r || r.status === "later") { skip.add(line.op_id); continue; }
        line.state = { applied: "done", duplicate: "done", conflict: "review", rejected: "fix" }[r.status] || "waiting";
        line.result = r;
        if (line.state === "waiting") { skip.add(line.op_id); continue; }
        await T.db.put("ops", line);
        moved += 1;
      }
      T.tell();
      if (!moved && skip.size >= T.state.ops.length) return;
      if (!moved && same.every((l) => skip.has(l.op_id))) {
        // All of them are to be sent later: those behind them may still go.
        if (batchOf(most).filter((l) => !skip.has(l.op_id)).length === 0) return;
      }
    }
  }

  async function pull() {
    const response = await ask("/base", { headers: T.state.tag ? { "If-None-Match": T.state.tag } : {} });
    if (response.status !== 304) {
      const base = await read(response);
      const before = T.state.base;
      if (before && before.person !== base.person) await forget();
      T.state.base = base;
      T.state.tag = response.headers.get("ETag");
      await T.db.put("read", base, "base");
    }
    const device = (await T.db.get("meta", "device:" + T.state.base.person))?.id || "";
    let full = T.state.cursor === 0;
    let since = T.state.cursor;
    let first = true;
    for (;;) {
      const c = await read(await ask(`/sync/pull?since=${since}&device=${device}${full && !first ? "&full=1" : ""}`));
      if (c.revoked) throw new Stop("revoked");
      await clockOf(c.now);
      if (c.full && first) full = true;
      await T.db.within(["read"], "readwrite", async (store) => {
        if (c.full && first) {
          for (const key of await T.db.done(store.getAllKeys())) if (String(key).startsWith("row:")) store.delete(key);
          T.state.rows.clear();
        }
        for (const row of c.rows) {
          if (row.data) {
            const value = { ...row.data, version: row.version };
            store.put(value, "row:" + row.entity);
            T.state.rows.set(row.entity, value);
          } else {
            store.delete("row:" + row.entity);
            T.state.rows.delete(row.entity);
          }
        }
        if (!c.more) store.put(c.cursor, "cursor");
      });
      since = c.cursor;
      first = false;
      if (!c.more) break;
    }
    T.state.cursor = since;
    await settle();
  }

  // settle removes the operations that the town hall has and whose effect was read back.
  async function settle() {
    const gone = T.state.ops.filter((l) => l.state === "done");
    if (gone.length) {
      await T.db.within(["ops"], "readwrite", async (store) => { for (const l of gone) store.delete(l.op_id); });
      const ids = new Set(gone.map((l) => l.op_id));
      T.state.ops = T.state.ops.filter((l) => !ids.has(l.op_id));
    }
    // A conflict that somebody settled at the office is no longer to be looked at.
    for (const line of T.state.ops.filter((l) => l.state === "review")) {
      const row = T.state.rows.get(line.entity);
      if (row && !(row.proposals || []).some((p) => p.id === line.op_id)) {
        await T.db.remove("ops", line.op_id);
        T.state.ops = T.state.ops.filter((l) => l !== line);
      }
    }
  }

  // forget drops what another person read on this device; what they did stays, for when they sign in again.
  async function forget() {
    await T.db.within(["read"], "readwrite", async (store) => { store.clear(); });
    T.state.rows.clear();
    T.state.cursor = 0;
  }

  const b64 = (s) => btoa(String.fromCharCode(...new TextEncoder().encode(s)));
  const tus = (extra) => ({ "Tus-Resumable": "1.0.0", ...extra });

  // photos sends the pictures of what the town hall knows, each from where it stopped (tus 1.0.0).
  async function photos() {
    for (const blob of [...T.state.blobs.values()]) {
      if (blob.state !== "waiting") continue;
      const waits = T.state.ops.some((l) => l.state === "waiting" && (l.op.blobs || []).includes(blob.sha256));
      if (waits) continue;
      let response = await ask("/envois", {
        method: "POST",
        headers: tus({ "Upload-Length": String(blob.blob.size), "Upload-Metadata": `sha256 ${b64(blob.sha256)},type ${b64(blob.blob.type)}` }),
      });
      if (response.status === 413 || response.status === 507) { await hold(blob, response.status); continue; }
      if (response.status !== 201) throw new Stop("server", response.status);
      const at = response.headers.get("Location").slice(T.config.base.length);
      let offset = Number(response.headers.get("Upload-Offset") || 0);
      for (let tries = 0; offset < blob.blob.size;) {
        response = await ask(at, {
          method: "PATCH", body: blob.blob.slice(offset, offset + PIECE),
          headers: tus({ "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" }),
        });
        if (response.status === 204) { offset = Number(response.headers.get("Upload-Offset")); continue; }
        if ((response.status !== 409 && response.status !== 460) || ++tries > 5) throw new Stop("server", response.status);
        const head = await ask(at, { method: "HEAD", headers: tus({}) });
        if (!head.ok) throw new Stop("server", head.status);
        offset = Number(head.headers.get("Upload-Offset"));
      }
      await T.db.put("blobs", { ...blob, state: "sent" });
      blob.state = "sent";
      T.tell();
    }
    await thin();
  }

  // hold keeps a photo that the town hall has no room for: the next synchronisation tries again.
  async function hold(blob, status) {
    blob.refused = status;
    await T.db.put("blobs", blob);
  }

  // thin forgets sent photos after two days: the town hall has them.
  async function thin() {
    for (const [sha, blob] of T.state.blobs) {
      if (blob.state === "sent" && Date.now() - blob.at > 2 * 86_400_000) {
        await T.db.remove("blobs", sha);
        T.state.blobs.delete(sha);
      }
    }
  }

  // later plans the next try: longer after each failure, never all devices at once.
  function later() {
    clearTimeout(timer);
    const wait = failures ? Math.min(900_000, 5000 * 2 ** (failures - 1)) * (0.5 + Math.random()) : 60_000;
    timer = setTimeout(() => sync("timer"), wait);
  }

  async function once() {
    T.state.syncing = true;
    T.tell();
    try {
      if (!T.state.base) await pull(); // the first visit: who is it
      await push();
      await pull();
      await photos();
      failures = 0;
      T.state.problem = "";
      T.state.last = Date.now();
      await T.db.put("meta", T.state.last, "last");
    } catch (err) {
      failures += 1;
      T.state.problem = err instanceof Stop ? err.why : "device";
      T.state.status = err instanceof Stop ? err.status : 0;
      if (!(err instanceof Stop)) T.state.fault = String(err?.message || err);
      if (T.state.problem === "revoked") {
        await T.db.wipe();
        T.state = T.fresh();
        T.state.problem = "revoked";
      }
    } finally {
      T.state.syncing = false;
      T.tell();
      T.others?.postMessage("changed");
    }
  }

  // sync runs one at a time among all the tabs of this browser (Web Locks).
  async function sync(why) {
    if (T.state.problem === "revoked") return;
    if (running) { again = why !== "timer"; return; }
    if (!navigator.onLine && why !== "button") { T.tell(); later(); return; }
    running = true;
    try {
      const work = async (lock) => {
        if (!lock) return;
        await T.db.load();
        await once();
      };
      if (navigator.locks) await navigator.locks.request("parvis-terrain:" + T.config.base, { ifAvailable: true }, work);
      else await work(true);
    } finally {
      running = false;
      later();
      if (again) { again = false; queueMicrotask(() => sync("again")); }
    }
  }

  T.sync = sync;
  T.settle = settle;
})();
