package hours

import "strings"

// clock reads the time at the start of text, which begins with a digit: « 9 »,
// « 9h », « 9 h 30 », « 09:00 », « 9.30 », « 09:00:00 », « 0930 ». It returns its
// width in bytes.
func clock(text string) (m moment, width int, reason Reason) {
	digits, hour := number(text)
	rest := text[digits:]
	minute := 0
	switch {
	case digits == 4:
		hour, minute = hour/100, hour%100
	case digits > 2:
		return m, 0, Unreadable
	default:
		rest, minute, reason = minutes(rest)
		if reason != "" {
			return m, 0, reason
		}
	}
	if rest != "" && (isLetter(rest[0]) || rest[0] == '\'') {
		return m, 0, Unreadable // « 1er », « 9am »
	}
	if minute > 59 || 60*hour+minute > dayEnd {
		return m, 0, OutOfRange
	}
	return moment{minutes: 60*hour + minute, padded: text[0] == '0' && digits > 1, midnight: hour == 0 && minute == 0 && digits == 1},
		len(text) - len(rest), ""
}

// minutes reads what follows the digits of an hour.
func minutes(rest string) (after string, minute int, reason Reason) {
	unit := strings.TrimPrefix(rest, " ")
	for _, word := range [...]string{"heures", "heure", "hrs", "hr", "h"} {
		if found, ok := strings.CutPrefix(unit, word); ok {
			digits, value := number(strings.TrimPrefix(found, " "))
			tail := strings.TrimPrefix(found, " ")[digits:]
			// « 9h 12h »: the second number is an hour of its own.
			if digits != 2 || startsTime(tail) {
				return found, 0, ""
			}
			for _, word := range [...]string{"min", "mn"} {
				tail = strings.TrimPrefix(tail, word)
			}
			return tail, value, ""
		}
	}
	if rest != "" && (rest[0] == ':' || rest[0] == '.') {
		digits, value := number(rest[1:])
		switch {
		case digits == 0:
			return rest, 0, "" // « 9. » or « 9 : » at the end of a sentence
		case digits == 1:
			return "", 0, Incomplete // « 9:3 »
		case digits > 2: // « 12:0013:30 »: the separator is missing
			digits, value = 2, 10*int(rest[1]-'0')+int(rest[2]-'0')
		}
		after = rest[1+digits:]
		if seconds, ok := strings.CutPrefix(after, rest[:1]+"00"); ok {
			after = seconds
		}
		return after, value, ""
	}
	return rest, 0, ""
}

// startsTime tells whether the text continues as the unit of an hour.
func startsTime(text string) bool {
	text = strings.TrimPrefix(text, " ")
	return text != "" && (text[0] == 'h' || text[0] == ':')
}

// number reads up to 9 digits at the start of text.
func number(text string) (width, value int) {
	for width < len(text) && width < 9 && text[width] >= '0' && text[width] <= '9' {
		value = 10*value + int(text[width]-'0')
		width++
	}
	return width, value
}

func isLetter(b byte) bool { return b >= 'a' && b <= 'z' }
