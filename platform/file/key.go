package file

import (
	"fmt"
	"mime"
	"strings"
)

// Key joins a territory and the elements under it into a key.
func Key(territory string, elements ...string) (string, error) {
	key := strings.Join(append([]string{territory}, elements...), "/")
	for _, element := range append([]string{territory}, elements...) {
		if strings.ContainsRune(element, '/') {
			return "", fmt.Errorf("%w: an element holds a slash", ErrKey)
		}
	}
	return key, CheckKey(key)
}

// CheckKey accepts two elements at least, the first being the territory, each of
// 1 to 120 ASCII letters, digits and . _ - and not starting with a dot; 500 bytes
// in all. This fits every file system and object store.
func CheckKey(key string) error {
	if len(key) > 500 {
		return fmt.Errorf("%w: over 500 bytes", ErrKey)
	}
	elements := strings.Split(key, "/")
	if len(elements) < 2 {
		return fmt.Errorf("%w: no territory in front", ErrKey)
	}
	for _, element := range elements {
		if element == "" || len(element) > 120 || element[0] == '.' {
			return fmt.Errorf("%w: an element is empty, over 120 bytes, or starts with a dot", ErrKey)
		}
		for i := 0; i < len(element); i++ {
			c := element[i]
			if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-') {
				return fmt.Errorf("%w: a sign that is neither letter, digit nor . _ -", ErrKey)
			}
		}
	}
	return nil
}

// checkType returns the type to store for a declared one.
func checkType(declared string) (string, error) {
	if declared == "" {
		return Unknown, nil
	}
	kind, params, err := mime.ParseMediaType(declared)
	if err != nil || !strings.Contains(kind, "/") || len(declared) > 200 {
		return "", ErrType
	}
	return mime.FormatMediaType(kind, params), nil
}
