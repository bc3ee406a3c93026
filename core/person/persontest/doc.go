// Package persontest is a small town for tests that need people: two communes
// and their operator behind the real server, a mailbox that keeps what would
// have left, and browsers that look at each page they are given.
package persontest
