// Package upload receives files in pieces over bad networks: the resumable
// upload protocol tus 1.0.0, core with the extensions creation, checksum,
// expiration and termination (https://tus.io/protocols/resumable-upload).
//
// For services whose photos come from the street. What a device sends survives
// a cut and a killed server: each piece is a file of its own in platform/file,
// known to the database once it is whole on the disk. A file whose SHA-256 the
// same person has sent already costs one request. Bounded: size of a file, sum
// of what a person has under way, time before what is not finished is erased.
//
// [Handler] serves the protocol; [Uploads.Take] gives a finished file to the
// service. Table: upload. The routes and the right are the service's.
package upload
