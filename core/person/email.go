package person

import (
	"errors"
	"strings"

	"parvis/platform/fault"
	"parvis/platform/mail"
)

// ParseEmail reads an e-mail address as typed and returns it in lower case: no
// mailbox of today tells capitals apart, and people type them at random. The key,
// in mail.Locales, is the sentence to show beside the field, "" when the address
// is right.
func ParseEmail(raw string) (address, key string) {
	address, err := mail.ParseAddress(raw)
	var refused *mail.AddressError
	if errors.As(err, &refused) {
		return "", refused.Key()
	}
	return strings.ToLower(address), ""
}

func readEmail(fs *fault.Fields, field, raw string) string {
	address, key := ParseEmail(raw)
	if key != "" {
		fs.Add(field, key)
	}
	return address
}
