package booking

import (
	"time"

	"parvis/platform/fault"
	"parvis/platform/store"
)

// Request asks for one start.
type Request struct {
	Demand
	Subject string // what the booking is for: "appointment:77"
	Start   time.Time
	// Force lets staff book outside what is open, or in the past, resources
	// named in the needs whatever may be booked in their ranges. It never
	// books what is taken. The caller checks the right and writes the audit.
	Force bool
	TTL   time.Duration // of a hold; 0 means HoldTime
}

func (r *Request) check() error {
	var fs fault.Fields
	r.Demand.check(&fs)
	if r.Subject == "" {
		fs.Add("subject", "booking.field.subject")
	}
	if r.Start.IsZero() {
		fs.Add("start", "booking.field.start")
	}
	if r.TTL < 0 || r.TTL > maxHold {
		fs.Add("ttl", "booking.field.ttl")
	}
	r.Start = r.Start.UTC().Truncate(time.Microsecond)
	if r.TTL == 0 {
		r.TTL = HoldTime
	}
	return fs.Err()
}

// needs is what the request looks for. A forced one that names resources does
// not ask what may be booked in their ranges.
func (r *Request) needs() []Need {
	out := make([]Need, len(r.Needs))
	copy(out, r.Needs)
	for i := range out {
		if r.Force && len(out[i].Resources) > 0 {
			out[i].Tags = nil
		}
	}
	return out
}

// again is the request that would keep what a reservation has, at start.
func (r *Reservation) again(start time.Time) Request {
	q := Request{Subject: r.Subject, Start: start, Force: r.Forced, Demand: Demand{
		Duration: r.EndsAt.Sub(r.StartsAt), BufferBefore: r.BufferBefore, BufferAfter: r.BufferAfter}}
	if r.PlaceID != 0 {
		q.Places = []store.ID{r.PlaceID}
	}
	for _, a := range r.Allocations {
		if a.Need == len(q.Needs) {
			q.Needs = append(q.Needs, Need{Resources: []store.ID{a.ResourceID}})
		}
		q.Needs[a.Need].Units++
	}
	return q
}
