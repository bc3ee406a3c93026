// Package clock says what time it is.
//
// For every package that decides something from the time: nobody calls
// time.Now directly, so that a test can stand on the day the clocks change and
// a demo can live on a fixed Monday. One transaction asks once and keeps the
// answer.
//
// No tables, no events, no rights.
package clock
