// Package event records that something happened, in the transaction in which
// it happened, and tells subscribers at least once, in no order.
//
// Table: event (territory_id, id, kind, subject, data, occurred_at). Data holds
// references and figures, no personal data; rows are kept a year.
package event
