package calendar

import "fmt"

// Weeks says which ISO 8601 weeks count. The parity is that of the week number,
// as people say it: after a year of 53 weeks, such as 2026, two odd weeks follow
// each other.
type Weeks string

// The zero value, "", means every week too.
const (
	AllWeeks  Weeks = "all"
	OddWeeks  Weeks = "odd"
	EvenWeeks Weeks = "even"
)

// Include reports whether the week of the day counts.
func (w Weeks) Include(d Date) bool {
	_, number := d.Week()
	switch w {
	case OddWeeks:
		return number%2 == 1
	case EvenWeeks:
		return number%2 == 0
	}
	return true
}

// Validate refuses any other value.
func (w Weeks) Validate() error {
	switch w {
	case "", AllWeeks, OddWeeks, EvenWeeks:
		return nil
	}
	return fmt.Errorf("weeks %q: want all, odd or even", string(w))
}
