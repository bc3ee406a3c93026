// Command bench measures the figures of bench/README.md on the machine it runs
// on: slot search, races, bookings a second, pages over HTTP, kill -9 in the
// middle of load, time to start. For whoever changes the booking path, and for
// the administrator who wants to know what a machine carries.
//
//	make bench
//	make bench BENCH="--only search,race --quick"
//
// It prints Markdown and keeps it with the data in bench/results/. Everything
// listens on 127.0.0.1. PostgreSQL is that of the tests (PARVIS_TEST_POSTGRES);
// what it makes there is a schema of its own, dropped at the end.
package main
