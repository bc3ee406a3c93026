package person

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
	"time"

	"parvis/platform/fault"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// The life of a code, whoever receives it.
const (
	CodeLife   = 10 * time.Minute
	CodeTries  = 5           // wrong answers before the code is worth nothing
	CodeResend = time.Minute // between two codes to one address
)

// codeRounds slow down whoever stole the table: on one processor, trying a million
// codes takes longer than they live. More would hold the writer of the database.
const codeRounds = 1_000

// newCode draws six figures.
func newCode() (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", fmt.Errorf("person: drawing a code: %w", err)
	}
	return fmt.Sprintf("%06d", n), nil
}

// hashCode is how a code is kept, salted by its row.
func hashCode(id store.ID, code string) (string, error) {
	key, err := pbkdf2.Key(sha256.New, code, []byte(id.String()), codeRounds, sha256.Size)
	if err != nil {
		return "", fmt.Errorf("person: hashing a code: %w", err)
	}
	return hex.EncodeToString(key), nil
}

// cleanCode drops what people type between the figures.
func cleanCode(raw string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		if strings.ContainsRune(" \u00a0\u202f-.\t", r) {
			return -1
		}
		return 'x'
	}, strings.TrimSpace(raw))
}

// attempt is a code and what became of it. UsedAt is when it was given back
// right; ClosedAt when it stopped being worth anything, used or replaced.
type attempt struct {
	ID        store.ID
	CodeHash  string
	Tries     int
	ExpiresAt time.Time
	UsedAt    time.Time
	ClosedAt  time.Time
}

// refusal says why an attempt can no longer be answered.
func (a attempt) refusal(now time.Time) error {
	switch {
	case !a.UsedAt.IsZero():
		return codeFault(fault.Gone, "person.error.code.used")
	case !a.ClosedAt.IsZero():
		return codeFault(fault.Gone, "person.error.code.replaced")
	case a.Tries >= CodeTries:
		return codeFault(fault.TooMany, "person.error.code.tries")
	case !now.Before(a.ExpiresAt):
		return codeFault(fault.Gone, "person.error.code.expired")
	}
	return nil
}

// matches compares in constant time; a row without code, that of an unknown
// address, never matches.
func (a attempt) matches(hash string) bool {
	return subtle.ConstantTimeCompare([]byte(hash), []byte(a.CodeHash)) == 1
}

// wrong is the fault of a wrong code, once its try is counted.
func (a attempt) wrong() error {
	switch left := CodeTries - a.Tries; {
	case left <= 0:
		return codeFault(fault.TooMany, "person.error.code.tries")
	case left == 1:
		return codeFault(fault.Invalid, "person.error.code.last")
	default:
		return codeFault(fault.Invalid, "person.error.code.wrong", "Left", left)
	}
}

// readCode returns what a code typed would be kept as, whether the attempt exists
// or not; what cannot be a code is refused without spending a try.
func readCode(id store.ID, raw string) (string, error) {
	code := cleanCode(raw)
	switch {
	case code == "":
		return "", codeFault(fault.Invalid, "person.error.code.empty")
	case len(code) != 6 || strings.Contains(code, "x"):
		return "", codeFault(fault.Invalid, "person.error.code.form")
	}
	return hashCode(id, code)
}

// codeFault is a fault about the field "code", of any kind.
func codeFault(k fault.Kind, key string, args ...any) *fault.Fault {
	return &fault.Fault{Kind: k, Fields: []fault.Field{{Name: "code", Key: key, Args: args}}}
}

// FormErrors turns a fault into what a form shows, also when its kind is not
// Invalid: an expired code, too many codes asked for. Faults that name no field
// go to the field given. ok is false for what the form cannot mend.
func FormErrors(c *web.Context, err error, field string) (errs []page.FieldError, ok bool) {
	f := fault.Of(err)
	if f == nil {
		return nil, false
	}
	switch f.Kind {
	case fault.Invalid, fault.Gone, fault.TooMany, fault.Conflict:
	default:
		return nil, false
	}
	if f.Key != "" {
		errs = append(errs, page.FieldError{Field: field, Message: c.T(f.Key, f.Args...)})
	}
	for _, x := range f.Fields {
		errs = append(errs, page.FieldError{Field: x.Name, Message: c.T(x.Key, x.Args...)})
	}
	return errs, len(errs) > 0
}
