// Names of territories as they are shown, and the letters by which they are compared.

// typographic writes a name with the French apostrophe.
export const typographic = (name) => name.replaceAll("'", "’");

// fold gives a name in lower case without accents, hyphens or apostrophes, « st » written out.
export function fold(name) {
  const words = name.toLowerCase().replaceAll("œ", "oe").replaceAll("æ", "ae")
    .normalize("NFD").replace(/\p{M}/gu, "")
    .split(/[^a-z0-9]+/).filter(Boolean);
  return words.map((word) => ({ st: "saint", ste: "sainte" })[word] ?? word).join(" ");
}

const forms = { CC: "Communauté de communes", CA: "Communauté d’agglomération", CU: "Communauté urbaine" };

// INSEE's TNCC codes: which article a name takes, hence « de », « du », « des »…
const links = [
  { pattern: /^du /, liaison: 2, article: "Le " },
  { pattern: /^de la /, liaison: 3, article: "La " },
  { pattern: /^des /, liaison: 4, article: "Les " },
  { pattern: /^de l’/, liaison: 5, article: "L’" },
];

// First words that call for an article although the official name has none: one says
// « du Pays d’Uzès » for « CC Pays d’Uzès », but « de Plaine Commune ».
const nouns = [
  { pattern: /^((Bassin|Grand|Haut|Pays|Plateau|Territoire)[ -]|Val[ -]d)/, liaison: 2 },
  { pattern: /^(Métropole |Région |(Presqu’île|Vallée) d)/, liaison: 3 },
  { pattern: /^(Collines|Coteaux|Hauts|Monts|Portes|Rives|Vallées)[ -]/, liaison: 4 },
  { pattern: /^(Agglomération|Eurométropole) /, liaison: 5 },
];

// Names made like a brand take no article: « de Grand Besançon Métropole ».
const brand = / (Agglo|Agglomération|Communauté|Interco|Intercom|Métropole)$/;

// liaisonOf gives the TNCC code of a name that carries its own article, or has none.
export function liaisonOf(name) {
  for (const { article, liaison } of links) {
    if (name.startsWith(article)) return liaison;
  }
  const noun = nouns.find(({ pattern }) => pattern.test(name));
  if (noun && !brand.test(name)) return noun.liaison;
  return /^([aeiou]|y[^aeiou]|her)/.test(fold(name)) ? 1 : 0; // « d’Yerres », « de Yaté »; « d’Hérault », « de Hao »
}

// nameEpci splits the official name of an EPCI (« CC de la Champagne Picarde (CCCP) ») into
//   name     what people call it: « Champagne Picarde »
//   title    its full form: « Communauté de communes de la Champagne Picarde »
//   liaison  INSEE's TNCC code for the name
//   acronym  what stands between brackets
export function nameEpci(type, official, memberNames) {
  let rest = typographic(official).replace(/"/g, "").replaceAll("Coeur", "Cœur").replaceAll("coeur", "cœur")
    .replace(/ - /g, " – ").replace(/\s+/g, " ").trim();
  const acronym = rest.match(/\(([^)]*)\)\s*$/)?.[1].replace(/\b(\d) (?=[A-Z]\b)/, "$1") ?? "";
  rest = rest.replace(/\s*\([^)]*\)\s*$/, "");

  const form = forms[type];
  if (!form) return { name: rest, title: rest, liaison: liaisonOf(rest), acronym };
  rest = rest.replace(/^C[CAU] /, "");

  const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
  for (const { pattern, liaison, article } of links) {
    if (!pattern.test(rest)) continue;
    const bare = rest.replace(pattern, "").replace(/(,| et) (?:du |de la |des |de l’)(.)/g, (_, and, letter) => `${and} ${letter.toUpperCase()}`);
    // « CC de la Châtre »: the article belongs to the town, « La Châtre ».
    const whole = article + bare;
    const town = memberNames.map(typographic).some((member) => member.startsWith(article) && startsWithWords(whole, member));
    return { name: town ? whole : capital(bare), title: `${form} ${rest}`, liaison, acronym };
  }
  if (/^d(e |’)/.test(rest)) {
    const name = capital(rest.replace(/^d(e |’)/, ""));
    return { name, title: `${form} ${rest}`, liaison: /^d’/.test(rest) ? 1 : 0, acronym };
  }
  const name = capital(rest);
  const already = /^(Agglo|Agglomération|Communauté|Interco|Intercom)\b/u.test(name);
  return { name, title: already ? name : `${form} ${name}`, liaison: liaisonOf(name), acronym };
}

// startsWithWords tells whether a name begins with another, cut at the end of a word.
const startsWithWords = (text, start) => `${fold(text)} `.startsWith(`${fold(start)} `);
