package sms

import (
	"strconv"
	"strings"
	"time"
)

// instant reads a time as providers write them: RFC 3339, seconds or
// milliseconds since 1970, or a date and time of day in zone. Zero when it is
// none of those or not a plausible time.
func instant(raw string, zone *time.Location) time.Time {
	raw = strings.TrimSpace(raw)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", time.DateTime, "2006/01/02 15:04:05", "20060102150405", "02/01/2006 15:04:05"} {
		if t, err := time.ParseInLocation(layout, raw, zone); err == nil {
			return plausible(t)
		}
	}
	n, err := strconv.ParseInt(raw, 10, 64)
	if err != nil {
		return time.Time{}
	}
	if n > 1e11 {
		return plausible(time.UnixMilli(n))
	}
	return plausible(time.Unix(n, 0))
}

func plausible(t time.Time) time.Time {
	if t.Year() < 2000 || t.Year() > 2200 {
		return time.Time{}
	}
	return t.UTC()
}

// paris is the zone of French providers' unzoned times. Where the machine has no
// table of zones such times are dropped rather than misread.
func paris() (*time.Location, bool) {
	zone, err := time.LoadLocation("Europe/Paris")
	return zone, err == nil
}

// parisInstant reads an unzoned time as Paris time.
func parisInstant(raw string) time.Time {
	zone, ok := paris()
	if !ok {
		return time.Time{}
	}
	return instant(raw, zone)
}
