package intervention

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"parvis/platform/fault"
	"parvis/platform/search"
	"parvis/platform/store"
)

// Trade is a kind of work, as data: no code knows what graffiti are.
type Trade struct {
	ID        store.ID
	Code      string // stable, "graffiti"
	Name      string
	Active    bool
	Version   int64
	Config    store.JSON[Config]
	UpdatedAt time.Time
}

// Config is what makes a trade. Keys are made from labels and stay when the
// label does; a work order keeps the version it was made with.
type Config struct {
	About     string     `json:"about"`
	Fields    []Field    `json:"fields"`
	Checklist []Item     `json:"checklist"`
	Outcomes  []Choice   `json:"outcomes"`
	Materials []Material `json:"materials"`
	Skills    []string   `json:"skills"`
	Quantity  string     `json:"quantity"` // what is counted, "Surface nettoyée"; "" nothing
	Unit      string     `json:"unit"`     // "m²"
	Minutes   int        `json:"minutes"`  // usual length
	HourCents int64      `json:"hour_cents"`
	DueHours  [3]int     `json:"due_hours"` // by priority; 0 none
	Before    bool       `json:"before"`    // a photo before is expected
	After     bool       `json:"after"`     // a photo after is expected
	Sign      bool       `json:"sign"`      // a signature may be taken
}

// Field is a question of the form. Kind is text, number, bool, date or choice.
type Field struct {
	Key      string   `json:"key"`
	Label    string   `json:"label"`
	Kind     string   `json:"kind"`
	Unit     string   `json:"unit,omitempty"`
	Options  []string `json:"options,omitempty"`
	Required bool     `json:"required,omitempty"`
}

// Item is a line of the checklist; with a unit it takes a value.
type Item struct {
	Key   string `json:"key"`
	Label string `json:"label"`
	Unit  string `json:"unit,omitempty"`
	Photo bool   `json:"photo,omitempty"`
}

// Choice is a code and its words.
type Choice struct {
	Key   string `json:"key"`
	Label string `json:"label"`
}

// Material is something used up, with its price.
type Material struct {
	Key   string `json:"key"`
	Label string `json:"label"`
	Unit  string `json:"unit"`
	Cents int64  `json:"cents"` // for one unit
}

// keyOf makes a stable key from a label.
func keyOf(label string) string {
	var b strings.Builder
	dash := false
	for _, r := range search.Fold(label) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			if dash && b.Len() > 0 {
				b.WriteByte('-')
			}
			dash = false
			b.WriteRune(r)
		} else {
			dash = true
		}
		if b.Len() > 40 {
			break
		}
	}
	return b.String()
}

// find is the item of the key.
func (c Config) item(key string) (Item, bool) {
	for _, x := range c.Checklist {
		if x.Key == key {
			return x, true
		}
	}
	return Item{}, false
}

// field is the question of the key.
func (c Config) field(key string) (Field, bool) {
	for _, x := range c.Fields {
		if x.Key == key {
			return x, true
		}
	}
	return Field{}, false
}

// material is the one of the key.
func (c Config) material(key string) (Material, bool) {
	for _, x := range c.Materials {
		if x.Key == key {
			return x, true
		}
	}
	return Material{}, false
}

// outcome tells whether the code is one of the trade's.
func (c Config) outcome(key string) bool {
	return key == "" || slices.ContainsFunc(c.Outcomes, func(x Choice) bool { return x.Key == key })
}

// Fits checks an answer to a question; what it returns is how it is kept.
func (f Field) Fits(value string) (string, bool) {
	value = strings.TrimSpace(value)
	if value == "" {
		return "", true
	}
	switch f.Kind {
	case "number":
		v, err := strconv.ParseFloat(strings.ReplaceAll(value, ",", "."), 64)
		if err != nil || v < -1e9 || v > 1e9 || v != v {
			return "", false
		}
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case "bool":
		return value, value == "oui" || value == "non"
	case "date":
		_, err := time.Parse(time.DateOnly, value)
		return value, err == nil
	case "choice":
		return value, slices.Contains(f.Options, value)
	}
	return value, len(value) <= maxText
}

// Lists of a trade are written one line each by the administrator, see the
// hints of the page: "Label | unit" and so on.

// maxLines bounds each list.
const maxLines = 60

func lines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && len(out) < maxLines {
			out = append(out, line)
		}
	}
	return out
}

func cut(line string) []string {
	parts := strings.Split(line, "|")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

// ReadFields reads "Support | mur, volet, mobilier", "Hauteur | m", "Occupé ?",
// "Date de pose | date". A star after the label makes it required.
func ReadFields(text string) ([]Field, error) {
	var out []Field
	for _, line := range lines(text) {
		p := cut(line)
		f := Field{Label: strings.TrimSpace(strings.TrimSuffix(p[0], "*")), Required: strings.HasSuffix(p[0], "*"), Kind: "text"}
		f.Key = keyOf(f.Label)
		if len(p) > 1 {
			switch about := p[1]; {
			case about == "date", about == "texte":
				f.Kind = map[string]string{"date": "date", "texte": "text"}[about]
			case about == "oui/non":
				f.Kind = "bool"
			case strings.Contains(about, ","):
				f.Kind = "choice"
				for x := range strings.SplitSeq(about, ",") {
					if x = strings.TrimSpace(x); x != "" {
						f.Options = append(f.Options, x)
					}
				}
			default:
				f.Kind, f.Unit = "number", strings.TrimSpace(strings.TrimPrefix(about, "nombre"))
			}
		}
		out = append(out, f)
	}
	return out, distinct("fields", out, func(f Field) string { return f.Key })
}

// WriteFields is the text that ReadFields reads.
func WriteFields(list []Field) string {
	var b strings.Builder
	for _, f := range list {
		b.WriteString(f.Label)
		if f.Required {
			b.WriteString(" *")
		}
		switch f.Kind {
		case "choice":
			b.WriteString(" | " + strings.Join(f.Options, ", "))
			if len(f.Options) == 1 {
				b.WriteString(",")
			}
		case "bool":
			b.WriteString(" | oui/non")
		case "date":
			b.WriteString(" | date")
		case "number":
			b.WriteString(" | " + strings.TrimSpace("nombre "+f.Unit))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// ReadChecklist reads "Sécuriser la zone", "Pression | bar", "État final | photo".
func ReadChecklist(text string) ([]Item, error) {
	var out []Item
	for _, line := range lines(text) {
		p := cut(line)
		x := Item{Key: keyOf(p[0]), Label: p[0]}
		for _, about := range p[1:] {
			if about == "photo" {
				x.Photo = true
			} else {
				x.Unit = about
			}
		}
		out = append(out, x)
	}
	return out, distinct("checklist", out, func(x Item) string { return x.Key })
}

// WriteChecklist is the text that ReadChecklist reads.
func WriteChecklist(list []Item) string {
	var b strings.Builder
	for _, x := range list {
		b.WriteString(x.Label)
		if x.Unit != "" {
			b.WriteString(" | " + x.Unit)
		}
		if x.Photo {
			b.WriteString(" | photo")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// ReadMaterials reads "Décapant | litre | 12,50".
func ReadMaterials(text string) ([]Material, error) {
	var out []Material
	for _, line := range lines(text) {
		p := append(cut(line), "", "")
		cents, err := readCents(p[2])
		if err != nil {
			return nil, &fault.Fault{Kind: fault.Invalid, Fields: []fault.Field{{Name: "materials", Key: "intervention.error.line", Args: []any{"Line", line}}}}
		}
		out = append(out, Material{Key: keyOf(p[0]), Label: p[0], Unit: p[1], Cents: cents})
	}
	return out, distinct("materials", out, func(x Material) string { return x.Key })
}

// WriteMaterials is the text that ReadMaterials reads.
func WriteMaterials(list []Material) string {
	var b strings.Builder
	for _, x := range list {
		fmt.Fprintf(&b, "%s | %s | %s\n", x.Label, x.Unit, writeCents(x.Cents))
	}
	return b.String()
}

// ReadOutcomes reads one ending per line.
func ReadOutcomes(text string) ([]Choice, error) {
	var out []Choice
	for _, line := range lines(text) {
		out = append(out, Choice{Key: keyOf(line), Label: line})
	}
	return out, distinct("outcomes", out, func(x Choice) string { return x.Key })
}

// WriteOutcomes is the text that ReadOutcomes reads.
func WriteOutcomes(list []Choice) string {
	var b strings.Builder
	for _, x := range list {
		b.WriteString(x.Label + "\n")
	}
	return b.String()
}

// distinct refuses an empty key or one that is there twice.
func distinct[T any](field string, list []T, key func(T) string) error {
	seen := map[string]bool{}
	for _, x := range list {
		k := key(x)
		if k == "" || seen[k] {
			return &fault.Fault{Kind: fault.Invalid, Fields: []fault.Field{{Name: field, Key: "intervention.error.twice", Args: []any{"Line", k}}}}
		}
		seen[k] = true
	}
	return nil
}

// readCents reads "12,50", "12.5" or "" in euros.
func readCents(s string) (int64, error) {
	s = strings.NewReplacer("€", "", "\u00a0", "", "\u202f", "", " ", "", ",", ".").Replace(s)
	if s == "" {
		return 0, nil
	}
	whole, part, _ := strings.Cut(s, ".")
	if len(part) > 2 {
		return 0, strconv.ErrSyntax
	}
	n, err := strconv.ParseInt(whole+(part + "00")[:2], 10, 64)
	if err != nil || n < 0 || n > 1_000_000_00 {
		return 0, strconv.ErrRange
	}
	return n, nil
}

func writeCents(n int64) string { return fmt.Sprintf("%d,%02d", n/100, n%100) }

// Check normalises and returns the mistakes.
func (t *Trade) Check() error {
	var wrong fault.Fields
	t.Name = strings.TrimSpace(t.Name)
	if t.Name == "" {
		wrong.Add("name", "intervention.error.name")
	}
	checkText(&wrong, "name", t.Name, 80)
	if t.Code == "" {
		t.Code = keyOf(t.Name)
	}
	c := &t.Config.V
	if c.Minutes == 0 {
		c.Minutes = 45
	}
	if c.Minutes < 5 || c.Minutes > 720 {
		wrong.Add("minutes", "intervention.error.minutes")
	}
	if c.HourCents < 0 || c.HourCents > 1_000_000 {
		wrong.Add("rate", "intervention.error.cents")
	}
	checkText(&wrong, "unit", c.Unit, 20)
	checkText(&wrong, "quantity", c.Quantity, 60)
	for _, h := range c.DueHours {
		if h < 0 || h > 24*365 {
			wrong.Add("due", "intervention.error.due")
			break
		}
	}
	return wrong.Err()
}
