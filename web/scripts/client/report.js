// Comfort only: where one is, a place chosen on the map, a draft found again. Every page is complete
// without this file.
(() => {
  "use strict";
  const place = document.querySelector("[data-place]");
  if (place) {
    const lat = document.getElementById("lat");
    const lon = document.getElementById("lon");
    const accuracy = document.querySelector("input[name=accuracy]");
    const status = place.querySelector("[data-status]");
    const map = place.querySelector("[data-map]");
    for (const part of place.querySelectorAll("[data-script]")) part.hidden = false;
    const [x0, y0, world] = place.dataset.place.split(" ").map(Number);

    // The same projection as the server's drawing: web Mercator.
    const toX = (lon) => x0 + (lon / 360) * world;
    const toY = (lat) => y0 - (Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI)) * world;
    const show = (a, o, metres, words) => {
      lat.value = a.toFixed(6);
      lon.value = o.toFixed(6);
      accuracy.value = metres ? Math.round(metres) : "";
      status.textContent = words;
      if (!map) return;
      let pin = map.querySelector("[data-pin]");
      if (!pin) {
        pin = document.createElementNS(map.namespaceURI, "g");
        pin.setAttribute("data-pin", "");
        const path = document.createElementNS(map.namespaceURI, "path");
        path.setAttribute("class", "ep moi");
        path.setAttribute("d", "M0 0c-14-15-19-22-19-31a19 19 0 0 1 38 0c0 9-5 16-19 31z");
        pin.append(path);
        map.append(pin);
      }
      pin.setAttribute("transform", `translate(${toX(o).toFixed(0)} ${toY(a).toFixed(0)})`);
    };
    map?.addEventListener("click", (event) => {
      const box = map.getBoundingClientRect();
      const view = map.viewBox.baseVal;
      const x = ((event.clientX - box.left) / box.width) * view.width;
      const y = ((event.clientY - box.top) / box.height) * view.height;
      const o = ((x - x0) / world) * 360;
      const a = (Math.atan(Math.sinh(((y0 - y) / world) * 2 * Math.PI)) * 180) / Math.PI;
      show(a, o, 0, place.dataset.chosen);
    });
    const locate = place.querySelector("[data-locate]");
    if (!navigator.geolocation) locate.hidden = true;
    locate.addEventListener("click", () => {
      status.textContent = place.dataset.wait;
      navigator.geolocation.getCurrentPosition(
        (p) => show(p.coords.latitude, p.coords.longitude, p.coords.accuracy, place.dataset.found.replace("%", Math.round(p.coords.accuracy))),
        () => { status.textContent = place.dataset.denied; },
        { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 },
      );
    });
  }

  // Rectangles drawn on a photo, with the mouse, a pen or a finger: written in hundredths into the field that
  // the server reads. The squares to tick stay for the keyboard.
  const blur = document.querySelector("[data-blur]");
  if (blur) {
    const areas = document.getElementById("areas");
    let from = null;
    let mark = null;
    let drawn = false;
    const at = (event) => {
      const box = blur.getBoundingClientRect();
      const clamp = (n) => Math.min(100, Math.max(0, n));
      return [clamp(((event.clientX - box.left) / box.width) * 100), clamp(((event.clientY - box.top) / box.height) * 100)];
    };
    const place = (a, b) => {
      const area = [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.abs(a[0] - b[0]), Math.abs(a[1] - b[1])];
      ["x", "y", "width", "height"].forEach((side, i) => { mark.firstChild.setAttribute(side, area[i] + "%"); });
      return area;
    };
    blur.addEventListener("pointerdown", (event) => {
      if (event.button > 0) return;
      from = at(event);
      drawn = false;
      const drawing = document.querySelector("svg").namespaceURI;
      mark = document.createElementNS(drawing, "svg");
      mark.setAttribute("class", "rectangle");
      mark.append(document.createElementNS(drawing, "rect"));
    });
    blur.addEventListener("pointermove", (event) => {
      if (!from) return;
      const to = at(event);
      if (!drawn && Math.abs(to[0] - from[0]) + Math.abs(to[1] - from[1]) < 2) return;
      if (!drawn) blur.append(mark);
      drawn = true;
      place(from, to);
      event.preventDefault();
    });
    addEventListener("pointerup", (event) => {
      if (from && drawn) {
        const area = place(from, at(event)).map((n) => n.toFixed(1)).join(",");
        areas.value += (areas.value ? "\n" : "") + area;
      }
      from = null;
    });
    blur.addEventListener("click", (event) => {
      if (drawn) event.preventDefault(); // a drawing ticks no square
      drawn = false;
    }, true);
    blur.addEventListener("dragstart", (event) => event.preventDefault());
  }

  // The address of what is being written stays in this tab, so that a closed page is found again.
  const steps = location.pathname.match(/^(.*\/signaler)\/[A-Za-z0-9_-]+\/(lieu|proches|details|contact)$/);
  try {
    if (steps) sessionStorage.setItem("parvis.signaler", location.pathname);
    if (document.querySelector("[data-sent]")) sessionStorage.removeItem("parvis.signaler");
    const resume = document.querySelector("[data-resume]");
    const path = sessionStorage.getItem("parvis.signaler");
    if (resume && path && path.startsWith(location.pathname + "/")) {
      const link = document.createElement("a");
      link.href = path;
      link.textContent = resume.dataset.resume;
      resume.append(link);
      resume.hidden = false;
    }
  } catch {
    // Storage is refused: nothing is remembered.
  }
})();
