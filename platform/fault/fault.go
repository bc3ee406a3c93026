// Package fault is the vocabulary of what can go wrong for a user: a kind, a
// message key of platform/i18n, and for invalid input the fields. Pages and
// the API turn it into words in one place; any other error is internal and
// its text is never shown.
package fault

import (
	"errors"
	"fmt"
	"net/http"

	"parvis/platform/store"
)

// Kind decides the HTTP status.
type Kind int

// The kinds of fault.
const (
	Internal Kind = iota
	NotFound
	Invalid
	Forbidden
	SignIn // the action needs somebody signed in
	Conflict
	Gone
	TooMany
	Unavailable
)

// Status is the HTTP status of the kind (RFC 9110).
func (k Kind) Status() int {
	switch k {
	case NotFound:
		return http.StatusNotFound
	case Invalid:
		return http.StatusUnprocessableEntity
	case Forbidden:
		return http.StatusForbidden
	case SignIn:
		return http.StatusUnauthorized
	case Conflict:
		return http.StatusConflict
	case Gone:
		return http.StatusGone
	case TooMany:
		return http.StatusTooManyRequests
	case Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// Field is one mistake: the name of the field as the form and the API write
// it, a message key and its arguments.
type Field struct {
	Name string
	Key  string
	Args []any
}

// Fault is an error that a user may see.
type Fault struct {
	Kind   Kind
	Key    string // message key; empty: the kind's own sentence
	Args   []any
	Fields []Field
	Cause  error // for the log only
}

// Error is for logs and tests, in keys, not in words.
func (f *Fault) Error() string {
	s := fmt.Sprintf("fault %d %s", f.Kind, f.Key)
	for _, x := range f.Fields {
		s += fmt.Sprintf(" [%s: %s]", x.Name, x.Key)
	}
	if f.Cause != nil {
		s += ": " + f.Cause.Error()
	}
	return s
}

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.Cause }

// New makes a fault; args are pairs "Name", value for the message.
func New(k Kind, key string, args ...any) *Fault { return &Fault{Kind: k, Key: key, Args: args} }

// Because adds the internal cause.
func (f *Fault) Because(err error) *Fault { f.Cause = err; return f }

// Fields collects mistakes; Err is nil when there are none.
type Fields []Field

// Add notes a mistake of a field.
func (fs *Fields) Add(name, key string, args ...any) { *fs = append(*fs, Field{name, key, args}) }

// Has tells whether the field has a mistake already.
func (fs Fields) Has(name string) bool {
	for _, f := range fs {
		if f.Name == name {
			return true
		}
	}
	return false
}

// Err is the Invalid fault of the collected mistakes.
func (fs Fields) Err() error {
	if len(fs) == 0 {
		return nil
	}
	return &Fault{Kind: Invalid, Fields: fs}
}

// Of finds the fault in an error's chain; the store's errors become faults, an
// unknown error an Internal one.
func Of(err error) *Fault {
	var f *Fault
	switch {
	case err == nil:
		return nil
	case errors.As(err, &f):
		return f
	case errors.Is(err, store.ErrNotFound):
		return &Fault{Kind: NotFound, Cause: err}
	case errors.Is(err, store.ErrConflict):
		return &Fault{Kind: Conflict, Cause: err}
	case errors.Is(err, store.ErrUnavailable):
		return &Fault{Kind: Unavailable, Cause: err}
	}
	return &Fault{Kind: Internal, Cause: err}
}

// Is tells whether err is a fault of kind k.
func Is(err error, k Kind) bool {
	f := Of(err)
	return f != nil && f.Kind == k
}
