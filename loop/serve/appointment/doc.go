// Package appointment is rendez-vous: an inhabitant picks a reason, a place and
// a start, says who they are, and comes; the staff see the day, book for those
// who call, mark who came; the manager sees how many did not, and why.
//
// For whom: residents without account, front desks, agents, managers. Words of
// the trade (RDV Service Public): motif is Reason, plage d'ouverture is an
// opening range (a rule of engine/booking tagged with reasons), absence is a
// closure of the agent's resource, lieu is a place, créneau is a slot, lapin is
// a no-show (shown as « absent »).
//
// Tables: appointment_reason, appointment, appointment_agent, appointment_hold.
// Personal data: the appointment names a resident card for a year; what is left
// after is statistics. Events: appointment.booked, .moved, .cancelled, .marked,
// .answered. Rights: appointment.read, .write, .settings, .statistics.
package appointment
