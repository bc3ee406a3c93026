// Package file keeps the files people join and the program makes: photos of
// reports, supporting documents, exports, minutes.
//
// For every service with attachments. [Store] is the interface, [Folder] the
// default: a directory, one plain file per key, that any backup tool copies.
// file/filetest holds the conformance test of every store.
//
// A key is a path whose first element is the territory:
// "86294/report/0198c2/photo-1.jpg" (see [Key]). Nothing in a key can lead
// outside the store or into the files of another territory. Write a key once:
// replacing is possible, but two readers may then see two files.
//
// What a store says of a type is what the writer said: whoever serves a file
// checks it and forbids the browser to guess. No tables, no events, no rights.
package file
