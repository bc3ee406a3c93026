package exchange

import (
	"strings"

	"parvis/loop/listen/report"
)

// statusOf is how an update says a state: the words of FixMyStreet's extension,
// which are those that its sites understand.
func statusOf(s report.State) string {
	switch s {
	case report.ToQualify:
		return "FOR_TRIAGE"
	case report.Accepted:
		return "INVESTIGATING"
	case report.Planned:
		return "ACTION_SCHEDULED"
	case report.InProgress:
		return "IN_PROGRESS"
	case report.Fixed:
		return "FIXED"
	case report.NotFixed, report.Refused:
		return "NO_FURTHER_ACTION"
	case report.Elsewhere:
		return "NOT_COUNCILS_RESPONSIBILITY"
	case report.Duplicate:
		return "DUPLICATE"
	case report.Cancelled:
		return "CANCELLED"
	}
	return "OPEN"
}

// reopen is no state: it opens a closed report again.
const reopen report.State = "reopen"

// stateOf reads a status; ok is false for a word that nobody defined, and the state
// is "" when nothing is to change. A duplicate elsewhere is closed without solution
// here: the request that goes on is not ours.
func stateOf(status, external string) (state report.State, ok bool) {
	if s := report.State(strings.ToLower(external)); s.Known() && s != report.Duplicate && s != report.Received {
		return s, true
	}
	switch strings.ToUpper(strings.NewReplacer(" ", "_", "-", "_").Replace(strings.TrimSpace(status))) {
	case "", "OPEN", "CONFIRMED":
		return "", true
	case "FOR_TRIAGE":
		return report.ToQualify, true
	case "INVESTIGATING":
		return report.Accepted, true
	case "ACTION_SCHEDULED", "PLANNED":
		return report.Planned, true
	case "IN_PROGRESS":
		return report.InProgress, true
	case "FIXED", "CLOSED":
		return report.Fixed, true
	case "NO_FURTHER_ACTION", "DUPLICATE", "UNABLE_TO_FIX":
		return report.NotFixed, true
	case "NOT_COUNCILS_RESPONSIBILITY", "NOT_RESPONSIBLE", "INTERNAL_REFERRAL":
		return report.Elsewhere, true
	case "CANCELLED":
		return report.Cancelled, true
	case "REOPEN":
		return reopen, true
	}
	return "", false
}
