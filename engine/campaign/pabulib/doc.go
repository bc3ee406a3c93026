// Package pabulib reads and writes elections of participatory budgets in the
// .pb format, so that anybody can recount ours and we can recount theirs.
//
// For the campaign engine, `parvis tally` and the published results. Format:
// Faliszewski and others, "Participatory Budgeting: Data, Tools, and Analysis",
// arXiv 2305.11035: UTF-8 CSV separated by semicolons in three sections, META,
// PROJECTS, VOTES.
//
// Amounts are read as text into hundredths of the currency, never through a
// float. What a column unknown here holds is kept and written back. A mistake
// is an [Error] with its line and column. No tables, no events, no rights.
package pabulib
