package calendar

import "time"

// IsWorkingDay reports whether a town hall normally works that day (jour ouvré):
// Monday to Friday, public holidays excepted. Partial holidays count as holidays.
func IsWorkingDay(d Date, zone Zone) bool {
	if day := d.Weekday(); day == time.Saturday || day == time.Sunday {
		return false
	}
	_, holiday := HolidayOn(d, zone)
	return !holiday
}

// AddWorkingDays returns the nth working day after d, or before it when n is
// negative; the day itself does not count (dies a quo, Code de procédure civile,
// art. 641). With 0 it is d, or the next working day when d is not one.
func AddWorkingDays(d Date, n int, zone Zone) Date {
	if n == 0 {
		return NextWorkingDay(d, zone)
	}
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for n > 0 {
		d = d.AddDays(step)
		if IsWorkingDay(d, zone) {
			n--
		}
	}
	return d
}

// NextWorkingDay returns d, or the first working day after it when d is a
// Saturday, a Sunday or a public holiday: so a period that ends on such a day is
// extended (Code de procédure civile, art. 642; règlement (CEE, Euratom)
// nº 1182/71, art. 3, § 4).
func NextWorkingDay(d Date, zone Zone) Date {
	for !IsWorkingDay(d, zone) {
		d = d.AddDays(1)
	}
	return d
}

// WorkingDays counts the working days from a (excluded) to b (included), so that
// WorkingDays(d, AddWorkingDays(d, n, z), z) == n for n > 0. It is 0 when b is not
// after a.
func WorkingDays(a, b Date, zone Zone) int {
	count := 0
	for d := a.AddDays(1); !d.After(b); d = d.AddDays(1) {
		if IsWorkingDay(d, zone) {
			count++
		}
	}
	return count
}
