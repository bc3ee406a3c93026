// Package tally counts the votes of a participatory budget: who is chosen, in
// which order, and why not the others. The same election and the same [Rule]
// give the same result anywhere, down to the last cent.
//
// For the campaign engine, `parvis tally` and the recount in a browser.
// Rules: by votes (greedy, with its variants) and the Method of Equal Shares
// (Peters, Pierczyński, Skowron, "Proportional Participatory Budgeting with
// Additive Utilities", NeurIPS 2021) with its completions.
//
// Money is int64 hundredths. Shares are counted in float64 with every decision
// that is nearer than one part in 10⁹ counted again in exact fractions: see
// [Outcome].Arithmetic. A tie is broken by the rule published before the vote,
// or refused ([TieError]): nothing is chosen by the order of a file.
//
// No tables, no events, no rights.
package tally
