// Package phone reads telephone numbers as people of France and overseas write
// them and keeps them in E.164.
//
// For everybody who asks for, stores, shows or calls a number. A mainland
// commune may receive the number of a Martinique mobile typed « 0696 12 34 56 »:
// the French plan gives each overseas territory its own country code, so the
// number decides, not the place where it is typed.
//
// Rules: Arcep decision 2018-0881 as amended (national numbering plan), ITU-T
// E.164 for the shape of a number, libphonenumber's metadata (through
// nyaruka/phonenumbers) for the rest of the world. What that metadata does not
// know is in ranges.csv, which is the file to edit when Arcep opens a range:
// overseas mobile ranges, and the ranges reserved for works of fiction, which
// this package accepts and [Number.Fiction] marks, so that no real message
// leaves towards them.
//
// A number is personal data: errors never repeat it. No tables, no events, no
// rights.
package phone
