// Package official is the list of the territories of France: communes,
// intercommunalities (EPCI, and EPT of Greater Paris), départements, régions and
// overseas collectivities, with their names of before.
//
// For the person who looks for their commune by name, postal code or code, for
// the operator who activates a territory, and for every import that names one by
// its official code. Sources: INSEE (code officiel géographique), DGCL, La Poste,
// GeoNames; see [List.Sources], to be named wherever the data are shown. Populations
// are INSEE's populations municipales; positions come from GeoNames, and most are
// approximate ([Entry.Approximate]).
//
// The list is built by web/scripts/territories.mjs into dist/ (`make build`),
// embedded, decoded once at the first [Load], and never changes afterwards. No
// tables, no events, no rights: which territories are activated is the business of
// core/territory.
package official
