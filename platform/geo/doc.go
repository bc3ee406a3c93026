// Package geo is the small geometry that a service of the town needs: points,
// distances, boxes, areas, the cells by which a database finds what is near,
// and the drawing of a map by the server.
//
// For reports (duplicates within a radius, routing by sector, maps of 300 000
// points), interventions, the directory and the open data.
//
// Coordinates are WGS84 degrees, latitude first. Plane coordinates are those of
// the official projections (décret nº 2000-1276: Lambert-93 in mainland France,
// UTM overseas). No database extension is needed: a point carries its [CellKey],
// a plain number, and a search by radius is [Around], then [Bounds.Covering],
// then [Distance] on the few rows found.
//
// No tables, no events, no rights. The refusals of [ReadArea] are in [Locales].
package geo
