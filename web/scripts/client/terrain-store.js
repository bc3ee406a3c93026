// The field page's own database: what was done here and is not with the town hall yet (ops), the photos
// (blobs), what the town hall says (read), and what this browser is (meta). An operation is in the database
// before the page says « enregistré ».
"use strict";
self.Terrain = self.Terrain || {};
(() => {
  const T = self.Terrain;
  const VERSION = 1;
  let opened;

  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const finished = (tx) => new Promise((resolve, reject) => {
    tx.oncomplete = () => resolve();
    tx.onabort = tx.onerror = () => reject(tx.error || new Error("aborted"));
  });

  function open() {
    if (!opened) {
      const request = indexedDB.open("parvis-terrain:" + T.config.base, VERSION);
      request.onupgradeneeded = () => {
        const db = request.result;
        db.createObjectStore("ops", { keyPath: "op_id" });
        db.createObjectStore("blobs", { keyPath: "sha256" });
        db.createObjectStore("read");
        db.createObjectStore("meta");
      };
      opened = done(request).then((db) => {
        db.onversionchange = () => { db.close(); opened = undefined; };
        return db;
      });
      opened.catch(() => { opened = undefined; });
    }
    return opened;
  }

  // within runs fn in one transaction that is on the disk when it returns.
  async function within(stores, mode, fn) {
    const db = await open();
    const tx = db.transaction(stores, mode, { durability: "strict" });
    const end = finished(tx);
    end.catch(() => {});
    let result;
    try {
      result = await fn(...stores.map((name) => tx.objectStore(name)));
    } catch (err) {
      try { tx.abort(); } catch { /* it was over already */ }
      await end.catch(() => {});
      throw err;
    }
    await end;
    return result;
  }

  const get = (store, key) => within([store], "readonly", (s) => done(s.get(key)));
  const put = (store, value, key) => within([store], "readwrite", (s) => done(key === undefined ? s.put(value) : s.put(value, key)));
  const remove = (store, key) => within([store], "readwrite", (s) => done(s.delete(key)));
  const all = (store) => within([store], "readonly", (s) => done(s.getAll()));

  // uuid is a UUID of version 7 (RFC 9562): identifiers that sort by time.
  function uuid(now = Date.now()) {
    const b = crypto.getRandomValues(new Uint8Array(16));
    let ms = now;
    for (let i = 5; i >= 0; i--) {
      b[i] = ms % 256;
      ms = Math.floor(ms / 256);
    }
    b[6] = (b[6] & 0x0f) | 0x70;
    b[8] = (b[8] & 0x3f) | 0x80;
    const s = [...b].map((x) => x.toString(16).padStart(2, "0")).join("");
    return `${s.slice(0, 8)}-${s.slice(8, 12)}-${s.slice(12, 16)}-${s.slice(16, 20)}-${s.slice(20)}`;
  }

  // record writes an operation, with its photo, in one transaction: both are there or none.
  async function record(op, photo) {
    const person = T.state.base.person;
    const written = await within(["ops", "blobs", "meta"], "readwrite", async (ops, blobs, meta) => {
      const key = "device:" + person;
      const device = (await done(meta.get(key))) || { id: uuid(), seq: 0 };
      device.seq += 1;
      await done(meta.put(device, key));
      const clock = await done(meta.get("clock"));
      const full = {
        op_id: uuid(), seq: device.seq, actor: person, kind: "intervention", entity: op.entity, base_version: op.base || 0,
        ts_device: Date.now(), clock_offset: clock ? Math.round(clock.offset) : null, type: op.type, payload: op.payload || {},
      };
      if (photo) {
        full.blobs = [photo.sha256];
        const known = await done(blobs.get(photo.sha256));
        if (!known) await done(blobs.put({ ...photo, state: "waiting", at: Date.now() }));
      }
      const line = { op_id: full.op_id, seq: device.seq, entity: op.entity, device: device.id, actor: person, state: "waiting", op: full };
      await done(ops.put(line));
      return line;
    });
    T.state.ops.push(written);
    if (photo && !T.state.blobs.has(photo.sha256)) T.state.blobs.set(photo.sha256, { ...photo, state: "waiting", at: Date.now() });
    T.tell();
    return written;
  }

  // load reads everything into memory: a day's work is small.
  async function load() {
    const s = T.state;
    await within(["ops", "blobs", "read", "meta"], "readonly", async (ops, blobs, read, meta) => {
      s.ops = (await done(ops.getAll())).sort((a, b) => a.seq - b.seq);
      s.blobs = new Map((await done(blobs.getAll())).map((b) => [b.sha256, b]));
      s.base = await done(read.get("base"));
      s.cursor = (await done(read.get("cursor"))) || 0;
      s.rows = new Map();
      const keys = await done(read.getAllKeys());
      const values = await done(read.getAll());
      keys.forEach((key, i) => {
        if (String(key).startsWith("row:")) s.rows.set(values[i].uid, values[i]);
      });
      s.last = await done(meta.get("last"));
      s.clock = await done(meta.get("clock"));
    });
    s.loaded = true;
  }

  // wipe erases everything this browser holds for the page.
  async function wipe() {
    const db = await open();
    db.close();
    opened = undefined;
    await done(indexedDB.deleteDatabase("parvis-terrain:" + T.config.base));
    for (const name of await caches.keys()) {
      if (name.startsWith("terrain:" + T.config.base + ":")) await caches.delete(name);
    }
  }

  T.db = { open, within, done, get, put, remove, all, record, load, wipe, uuid };
})();
