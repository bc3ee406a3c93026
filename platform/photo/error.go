package photo

import (
	"embed"
	"errors"

	"parvis/platform/fault"
)

// Locales holds the sentences shown for each [Kind], in French and English.
//
//go:embed locales/*.json
var Locales embed.FS

// Kind says why a file is refused.
type Kind string

// The kinds of refusal.
const (
	Empty    Kind = "empty"     // no byte
	TooHeavy Kind = "too_heavy" // more bytes than allowed
	TooLarge Kind = "too_large" // more pixels, or more memory to decode, than allowed
	HEIC     Kind = "heic"      // HEIF of Apple and others, patented: no free decoder
	AVIF     Kind = "avif"
	SVG      Kind = "svg"      // a drawing, and a carrier of scripts
	Animated Kind = "animated" // moving WebP
	Video    Kind = "video"
	Document Kind = "document"  // PDF, office files, archives
	NotPhoto Kind = "not_photo" // anything else
	Damaged  Kind = "damaged"   // the right kind, but cut or corrupt
)

// Kinds lists every kind.
func Kinds() []Kind {
	return []Kind{Empty, TooHeavy, TooLarge, HEIC, AVIF, SVG, Animated, Video, Document, NotPhoto, Damaged}
}

// Error is a refused file.
type Error struct {
	Kind  Kind
	Cause error // for the log, or nil
}

// Error says in English, for logs, what is wrong.
func (e *Error) Error() string {
	if e.Cause != nil {
		return "photo refused: " + string(e.Kind) + ": " + e.Cause.Error()
	}
	return "photo refused: " + string(e.Kind)
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// As makes the refusal a fault that pages and the API know how to say.
func (e *Error) As(target any) bool {
	f, ok := target.(**fault.Fault)
	if ok {
		*f = fault.New(fault.Invalid, e.Key()).Because(e)
	}
	return ok
}

// Key is the key, in [Locales], of the sentence to show. It has no placeholder.
func (e *Error) Key() string { return "photo.error." + string(e.Kind) }

// KindOf returns the kind of refusal carried by err, or "" when err is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}

func refuse(k Kind, cause error) error { return &Error{Kind: k, Cause: cause} }
