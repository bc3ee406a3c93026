// Package hours reads, groups and shows the opening hours of a week.
//
// For the imports that bring places in (lists such as the one of the France
// services houses, where hours are typed by hand), and for every page that says
// when a place is open. [ParseDay] accepts what has one sure meaning, however it
// is written, and refuses the rest with a reason: an inhabitant must not find a
// closed door because a program guessed.
//
// Times are minutes after midnight on the wall clock of the place. Public
// holidays and exceptional closures are the caller's: see platform/calendar.
// No tables, no events, no rights.
package hours
