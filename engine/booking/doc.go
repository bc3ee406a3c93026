// Package booking is the time engine: what can be booked, when it is open, who
// has taken it, and what is still free. It never books one thing twice.
//
// For appointments, rooms, equipment, vehicles, rounds and seats of events: a
// service keeps its own rows and calls Hold, Confirm, Book, Move and Cancel in
// its own transaction; [Engine.Search] finds free starts for its pages.
//
// A resource has opening ranges ([Rule], plages d'ouverture), written in civil
// time, computed into spans over the horizon when they change and extended
// every night. Free time is spans − closures − allocations, buffers included.
// A booking takes numbered units of one or several resources, all or nothing.
//
// Why nothing is booked twice: PostgreSQL has an exclusion constraint on
// (territory, resource, unit, time) over live allocations; SQLite has one
// writer and triggers that refuse the same. Before either speaks, a booking
// locks the resources it chose and looks again, so that who loses a race for
// one member of staff gets another who is free, or a *Taken.
//
// Searches keep what they read in memory, by resource and day, about 40 MB at
// most; the revision of each resource, read in the search's own snapshot, tells
// whether it still holds. A process that starts anew is only slower.
//
// Rules S1 to S11 and S13 to S18 of the appointments reference are applied
// here; quotas per person (S12) belong to the services. Public holidays: Code du
// travail, L. 3133-1 and following (platform/calendar).
//
// Tables: booking_resource, booking_rule, booking_rule_tag, booking_override,
// booking_span, booking_closure, booking, booking_allocation.
//
// Personal data: none but references (owner_ref "person:12", subject
// "appointment:77"), which say nothing once the rows they name are gone, and
// the label of a closure, which must stay a category. Services therefore
// declare the retention; holds that came to nothing are deleted after 30 days,
// computed spans after 400.
//
// Events: none; the service that books says so. Rights: none; the service asks.
package booking
