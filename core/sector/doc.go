// Package sector holds the parts of a territory that work is shared by
// (« secteurs »): districts, zones of a team, communes of an intercommunalité.
//
// For the services that route by place: [Sectors.At] says which sectors hold a
// point. Contours come in as GeoJSON (RFC 7946, WGS84), polygon or
// multipolygon; each sector may have a crew and a named contact.
//
// Table: sector; the contact's name, phone and mail are personal data of staff,
// kept as long as the sector. Routes: /bureau/secteurs and below. Rights:
// sector.read (all staff), sector.write (manager, admin).
package sector
