// Package indicator says what figures may be said, and how surely: shares and
// means with their interval, comparisons, medians of durations some of which
// are still running, and the cells of a table that must stay hidden.
//
// For every service that shows a figure, the barometer and the statistics of
// appointments first. It keeps no row and knows no page: numbers in, numbers
// out, the same numbers for the same input. Sources: E. B. Wilson (1927),
// R. G. Newcombe (1998), S. Holm (1979), B. Efron (1979), E. L. Kaplan and
// P. Meier (1958).
package indicator
