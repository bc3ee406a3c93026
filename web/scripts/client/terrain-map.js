// The map of the field page: the territory's own lines and the day's points, drawn here, no tile, no network.
// The list of the same places stands beside it.
"use strict";
(() => {
  const T = self.Terrain;
  const svg = (name, attributes = {}, ...children) => {
    const e = document.createElementNS(document.querySelector("svg").namespaceURI, name);
    for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
    e.append(...children);
    return e;
  };

  // rings lists the lines of a GeoJSON value, whatever holds them.
  function rings(g, out = []) {
    if (!g) return out;
    if (g.type === "FeatureCollection") for (const f of g.features) rings(f.geometry, out);
    else if (g.type === "Feature") rings(g.geometry, out);
    else if (g.type === "Polygon") out.push(...g.coordinates);
    else if (g.type === "MultiPolygon") for (const p of g.coordinates) out.push(...p);
    else if (g.type === "LineString") out.push(g.coordinates);
    else if (g.type === "MultiLineString") out.push(...g.coordinates);
    return out;
  }

  const view = { zoom: 1, x: 0, y: 0 };

  T.map = (points, here) => {
    const lines = rings(T.state.base?.contours);
    const all = points.length ? points.map((p) => [p.lon, p.lat]) : lines.flat();
    if (here) all.push([here.lon, here.lat]);
    if (!all.length) return undefined;
    let [w, s, e, n] = [Infinity, Infinity, -Infinity, -Infinity];
    for (const [lon, lat] of all) { w = Math.min(w, lon); e = Math.max(e, lon); s = Math.min(s, lat); n = Math.max(n, lat); }
    const cos = Math.max(0.05, Math.cos(((s + n) / 2) * Math.PI / 180));
    const metres = 111_195;
    const span = Math.max((e - w) * cos, n - s, 0.004) * 1.25;
    const size = 600;
    const k = size / span;
    const cx = (w + e) / 2, cy = (s + n) / 2;
    const at = ([lon, lat]) => [size / 2 + (lon - cx) * cos * k, size / 2 - (lat - cy) * k];
    const side = size / view.zoom;
    const root = svg("svg", { viewBox: `${(size - side) / 2 + view.x} ${(size - side) / 2 + view.y} ${side} ${side}`, role: "img", "aria-label": T.t("map.label", { N: points.length }), class: "carte" });
    for (const line of lines) {
      root.append(svg("path", { class: "contour", d: "M" + line.map((c) => at(c).map((v) => v.toFixed(1)).join(" ")).join("L") + "Z" }));
    }
    const r = 15 / view.zoom;
    points.forEach((p, i) => {
      const [x, y] = at([p.lon, p.lat]);
      const g = svg("a", { href: "#/i/" + p.uid, class: "point " + (p.late ? "retard" : T.over(p.state) ? "fini" : "") });
      g.append(svg("circle", { cx: x, cy: y, r: r * 1.5, class: "cible" }), svg("circle", { cx: x, cy: y, r }));
      const text = svg("text", { x, y: y + r * 0.36, "font-size": r, "text-anchor": "middle" });
      text.textContent = String(i + 1);
      g.append(text, Object.assign(svg("title"), { textContent: p.title }));
      root.append(g);
    });
    if (here) {
      const [x, y] = at([here.lon, here.lat]);
      root.append(svg("circle", { cx: x, cy: y, r: r * 0.7, class: "ici" }));
    }
    // A scale in whole metres.
    const metre = k / metres;
    const step = [50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000].find((m) => m * metre * view.zoom > 70) || 50_000;
    const left = (size - side) / 2 + view.x + 14 / view.zoom, bottom = (size + side) / 2 + view.y - 14 / view.zoom;
    root.append(svg("path", { class: "echelle", d: `M${left} ${bottom}h${step * metre}` }));
    const label = svg("text", { x: left, y: bottom - 6 / view.zoom, "font-size": 14 / view.zoom, class: "echelle-t" });
    label.textContent = step >= 1000 ? `${step / 1000}\u00a0km` : `${step}\u00a0m`;
    root.append(label);
    return root;
  };

  T.mapMove = (what) => {
    const step = 120 / view.zoom;
    if (what === "in") view.zoom = Math.min(16, view.zoom * 1.6);
    else if (what === "out") view.zoom = Math.max(0.4, view.zoom / 1.6);
    else if (what === "left") view.x -= step;
    else if (what === "right") view.x += step;
    else if (what === "up") view.y -= step;
    else if (what === "down") view.y += step;
    else Object.assign(view, { zoom: 1, x: 0, y: 0 });
  };
})();
