package intervention

import (
	"encoding/json"
	"fmt"
	"strings"

	"parvis/platform/web"
)

// wordPrefix is that of the texts that the field page's script shows.
const wordPrefix = "intervention.js."

// fieldWords are those texts in the language of the request, as JSON. Their
// placeholders come out as {N}, which the script fills.
func fieldWords(c *web.Context) (string, error) {
	raw, err := Locales.ReadFile("locales/fr.json")
	if err != nil {
		return "", fmt.Errorf("intervention: texts of the field page: %w", err)
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(raw, &keys); err != nil {
		return "", fmt.Errorf("intervention: texts of the field page: %w", err)
	}
	var slots []any
	for _, name := range []string{"N", "When", "Why", "Unit", "Done", "Value", "What", "Received", "Name", "M", "Day", "Used", "Ratio", "Photos", "Ops"} {
		slots = append(slots, name, "{"+name+"}")
	}
	words := map[string]string{}
	for key := range keys {
		if short, ok := strings.CutPrefix(key, wordPrefix); ok {
			words[short] = c.T(key, slots...)
		}
	}
	for _, s := range States() {
		words["state."+string(s)] = c.T("intervention.state." + string(s))
	}
	out, err := json.Marshal(words)
	return string(out), err
}
