// Gives each commune a position. GeoNames has no INSEE code: its places are joined by
// département and name. What cannot be joined gets the mean of its neighbours, marked
// approximate: good enough to sort by distance, never to draw a pin.

import { fold } from "./territories_names.mjs";

// Countries of the French Republic in GeoNames.
const countries = new Set(["FR", "GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF", "WF", "PF", "NC", "TF"]);
const departementOf = { GP: "971", MQ: "972", GF: "973", RE: "974", YT: "976", PM: "975", BL: "977", MF: "978", TF: "984", WF: "986", PF: "987", NC: "988" };
const exonyms = { Dunkirk: "Dunkerque" };

// A short form (« Évry » for « Évry-Courcouronnes ») is believed only this near to where the
// neighbours say it should be.
const BELIEVED_KM = 15;

// locate returns positions: Map code → {lat, lon, approximate}, and counts: for each way a
// position was found, the communes and people it serves.
export function locate({ communes, former, epciOf, places }) {
  const positions = new Map();
  const counts = {};
  const settle = (commune, { lat, lon }, how, approximate) => {
    positions.set(commune.code, { lat, lon, approximate });
    counts[how] ??= { communes: 0, people: 0 };
    counts[how].communes++;
    counts[how].people += commune.population ?? 0;
  };

  const points = places.filter((p) => countries.has(p.country)).map((p) => {
    const name = exonyms[p.name] ?? p.name;
    const departement = departementOf[p.country] ?? p.admin2;
    return { name, lat: Number(p.lat), lon: Number(p.lng), fields: [p.admin1, p.admin2], key: `${departement} ${fold(name)}`, departement };
  });
  const pointsByKey = group(points, (p) => p.key);
  const communesByKey = group(communes, (c) => key(c));

  // 1. Same name in the same département; several such places wait for their neighbours.
  const waiting = [];
  for (const commune of communes) {
    const found = pointsByKey.get(key(commune));
    if (!found || communesByKey.get(key(commune)).length > 1) continue;
    if (found.length === 1) settle(commune, found[0], "by its name", false);
    else waiting.push([commune, found]);
  }
  for (const [commune, found] of waiting) {
    const hint = expected(commune, neighbours(communes, positions, epciOf));
    found.sort((a, b) => distance(a, hint ?? a) - distance(b, hint ?? b));
    settle(commune, found[0], "by its name", false);
  }

  // 2. A place that carries the commune's code, or that lies in a département of one commune
  //    (overseas); else the seat of a commune that was merged into it: all lie inside it.
  const pointsByCode = group(points.flatMap((p) => p.fields.map((code) => ({ ...p, code }))), (p) => p.code);
  const byDepartement = group(communes, (c) => c.departement);
  const pointsByDepartement = group(points, (p) => p.departement);
  const formerByNow = group(former, (f) => f.chefLieu ?? f.commune);
  for (const commune of communes) {
    if (positions.has(commune.code)) continue;
    const coded = pointsByCode.get(commune.code);
    if (coded) {
      settle(commune, mean(coded), "by a place inside it", false);
      continue;
    }
    const alone = byDepartement.get(commune.departement).length === 1 ? pointsByDepartement.get(commune.departement) : undefined;
    if (alone) {
      settle(commune, mean(alone), "by a place inside it", false);
      continue;
    }
    const parts = (formerByNow.get(commune.code) ?? []).sort((a, b) => (b.code === commune.code) - (a.code === commune.code));
    const seat = parts.map((part) => pointsByKey.get(key(part))?.[0]).find(Boolean);
    if (seat) settle(commune, seat, "by a place inside it", false);
  }

  // 3. A short form of the name, when one commune only can be meant.
  const around = neighbours(communes, positions, epciOf);
  const byStart = group(communes.flatMap((c) => starts(key(c)).map((start) => ({ start, commune: c }))), (s) => s.start);
  for (const point of points) {
    const meant = byStart.get(point.key) ?? [];
    if (meant.length !== 1 || positions.has(meant[0].commune.code)) continue;
    const hint = expected(meant[0].commune, around);
    if (hint && distance(hint, point) <= BELIEVED_KM) settle(meant[0].commune, point, "by a short form of its name", false);
  }

  // 4. The neighbours: same postal code, else same EPCI, arrondissement, département.
  const last = neighbours(communes, positions, epciOf);
  for (const commune of communes) {
    if (positions.has(commune.code)) continue;
    const hint = expected(commune, last);
    if (hint) settle(commune, hint, `approximate, from its ${hint.from}`, true);
    else counts.unknown = { communes: (counts.unknown?.communes ?? 0) + 1, people: (counts.unknown?.people ?? 0) + (commune.population ?? 0) };
  }
  return { positions, counts };
}

const key = (commune) => `${commune.departement} ${fold(commune.nom)}`;

// starts lists a key cut after each word of the name: "91 evry courcouronnes" gives
// "91 evry" and "91 evry courcouronnes".
function starts(text) {
  const words = text.split(" ");
  return words.slice(1).map((_, i) => words.slice(0, i + 2).join(" "));
}

function group(items, keyOf) {
  const groups = new Map();
  for (const item of items) {
    const k = keyOf(item);
    if (k === undefined || k === "") continue;
    if (groups.has(k)) groups.get(k).push(item);
    else groups.set(k, [item]);
  }
  return groups;
}

const circles = [
  ["postal code", (c) => c.codesPostaux ?? []],
  ["EPCI", (c, epciOf) => [epciOf.get(c.code)]],
  ["arrondissement", (c) => [c.departement + c.arrondissement]],
  ["département", (c) => [c.departement]],
];

// neighbours gathers the positions known so far by each circle, from near to wide.
function neighbours(communes, positions, epciOf) {
  return circles.map(([from, keysOf]) => {
    const known = communes.filter((c) => positions.has(c.code))
      .flatMap((c) => keysOf(c, epciOf).map((k) => ({ k, ...positions.get(c.code) })));
    return { from, keysOf: (c) => keysOf(c, epciOf), known: group(known, (p) => p.k) };
  });
}

// expected gives the mean position of the nearest circle that has one.
function expected(commune, around) {
  for (const { from, keysOf, known } of around) {
    const points = keysOf(commune).flatMap((k) => known.get(k) ?? []);
    if (points.length) return { ...mean(points), from };
  }
  return undefined;
}

const mean = (points) => ({
  lat: points.reduce((sum, p) => sum + p.lat, 0) / points.length,
  lon: points.reduce((sum, p) => sum + p.lon, 0) / points.length,
});

// distance in kilometres, flat: enough inside a département.
function distance(a, b) {
  const x = (a.lon - b.lon) * Math.cos((((a.lat + b.lat) / 2) * Math.PI) / 180);
  return Math.hypot(a.lat - b.lat, x) * 111.2;
}
