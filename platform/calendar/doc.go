// Package calendar is the civil calendar of French local authorities: days
// without a clock, public holidays of every territory, school holidays, time
// zones, recurrences that stay at the same hour when the clocks change, the
// algebra of time intervals, and iCalendar files.
//
// For the booking engine (opening spans, slots), rounds, campaigns (legal
// deadlines), agendas and messages with an .ics file.
//
// A day is a [Date]; an instant is a time.Time; a span of time is an [Interval] in
// microseconds. A rule of the form « every Monday, 9 h to 12 h » is a [Rule]: it
// is written in civil time and becomes intervals only in a given zone.
//
// Sources, cited where they are applied: Code du travail, L. 3133-1 (public
// holidays), L. 3134-13 (Alsace and Moselle), L. 3422-2 (overseas); Code de
// l’éducation, L. 521-1 (school calendar); ISO 8601 (weeks); RFC 5545, 5546 and
// 7986 (iCalendar). Public holidays are computed, school holidays are a table
// ([SchoolTable]) that a territory may replace.
//
// No tables, no events, no rights. The names of days and zones are in [Locales].
package calendar
