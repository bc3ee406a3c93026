// Serves the field page without network. self.PARVIS, written by the server, names the page and its files;
// when one of them changes, so does this worker, which waits until nothing is unsent to take over.
"use strict";
(() => {
  const { version, page, files } = self.PARVIS;
  const name = "terrain:" + page + ":" + version;

  self.addEventListener("install", (event) => {
    event.waitUntil((async () => {
      const cache = await caches.open(name);
      await cache.addAll(files);
      const response = await fetch(page, { credentials: "same-origin", redirect: "follow", cache: "no-store" });
      // Signed out: the page of another address must not be kept in its place.
      if (!response.ok || response.redirected) throw new Error("the page is not there");
      await cache.put(page, response);
    })());
  });

  self.addEventListener("activate", (event) => {
    event.waitUntil((async () => {
      for (const other of await caches.keys()) {
        if (other.startsWith("terrain:" + page + ":") && other !== name) await caches.delete(other);
      }
      await self.clients.claim();
    })());
  });

  self.addEventListener("message", (event) => {
    if (event.data === "take") self.skipWaiting();
  });

  self.addEventListener("fetch", (event) => {
    const url = new URL(event.request.url);
    if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
    if (event.request.mode === "navigate" && url.pathname === page) {
      event.respondWith(caches.open(name).then(async (cache) => (await cache.match(page)) || fetch(event.request)));
    } else if (files.includes(url.pathname)) {
      event.respondWith(caches.open(name).then(async (cache) => (await cache.match(url.pathname)) || fetch(event.request)));
    }
  });
})();
