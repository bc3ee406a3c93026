// Package open311 is the wire format of GeoReport v2 (wiki.open311.org), the
// interface by which towns and their partners exchange reports: what its calls
// say, in XML and in JSON, and a client for any server.
//
// Strict in writing, liberal in reading: [Answer] writes what the specification
// and its schemas ask for; the readers take what real servers send (numbers as
// identifiers, one child outside its list, objects around lists, empty elements,
// unused namespaces, other encodings, errors as bare text). Extensions: paging,
// extensions=true as Chicago, Boston and San Francisco have it, and FixMyStreet's
// updates of requests.
//
// [Client] reads other servers within bounds: time-outs, sizes, retries, and no
// address inside a private network unless it was allowed.
//
// No tables, no routes: the server is the package exchange.
package open311
