package pabulib

import (
	"math"
	"strconv"
	"strings"
)

// ParseAmount reads "400000", "400000.0", "12,5" or "12.50" into hundredths.
// More than two decimals are refused unless they are zeros: nothing is rounded.
func ParseAmount(s string) (int64, bool) {
	s = strings.TrimSpace(s)
	negative := strings.HasPrefix(s, "-")
	whole, cents, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	if at := strings.IndexByte(whole, ','); at >= 0 && cents == "" {
		whole, cents = whole[:at], whole[at+1:]
	}
	cents = strings.TrimRight(cents, "0")
	if whole == "" || len(cents) > 2 || !digits(whole) || !digits(cents) {
		return 0, false
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n > math.MaxInt64/200 {
		return 0, false
	}
	n *= 100
	for i, scale := 0, int64(10); i < len(cents); i, scale = i+1, scale/10 {
		n += int64(cents[i]-'0') * scale
	}
	if negative {
		n = -n
	}
	return n, true
}

func digits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// FormatAmount writes hundredths with a dot, without useless zeros.
func FormatAmount(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	out := sign + strconv.FormatInt(n/100, 10)
	if c := n % 100; c != 0 {
		out += strings.TrimRight("."+strconv.FormatInt(100+c, 10)[1:], "0")
	}
	return out
}
