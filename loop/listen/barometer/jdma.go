package barometer

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"parvis/platform/search"
	"parvis/platform/store"
)

// jdmaColumns are the heads of an export « au format JDMA »: the field codes of
// « Je donne mon avis », one line per review, several values parted by " / ".
// service and source are ours: they say where a line comes from.
func jdmaColumns() []string {
	return []string{"review_id", "created_at", "service", "source", FieldSatisfaction, FieldComprehension, FieldTried, FieldTriedOther, FieldReached, FieldHelp, FieldComment}
}

// jdmaWords are the answers as « Je donne mon avis » writes them.
func jdmaSatisfaction(s Satisfaction) string {
	switch s {
	case Bad:
		return "Pas bien"
	case Medium:
		return "Moyen"
	case Good:
		return "Très bien"
	}
	return ""
}

func jdmaAid(a Aid) string {
	switch a {
	case AtCounter:
		return "Au guichet avec l’administration"
	case ByPhone:
		return "Au téléphone avec l’administration"
	case ByMail:
		return "Par e-mail avec l’administration"
	case ByChat:
		return "Par chat avec l’administration"
	case Relative:
		return "Une personne proche"
	case Association:
		return "Une association"
	case Website:
		return "Des sites internet"
	case OtherAid:
		return "Autres, précisez"
	case NoHelp:
		return "Je n’ai pas eu besoin d’aide"
	}
	return ""
}

func jdmaHelp(n int) string {
	if n < 1 || n > 5 {
		return ""
	}
	return [...]string{"Très mauvaise", "Mauvaise", "Ni bonne, ni mauvaise", "Bonne", "Excellente"}[n-1]
}

// maxExport bounds one file, in answers.
const maxExport = 500_000

// exportJDMA emits one line per answer, the months from first to last. Comments
// are given as published; the hour is nowhere, so created_at is a month. Fields
// that would make a line recognisable in a small group are the reader's to
// guard: the file is for staff.
func (s *Service) exportJDMA(ctx context.Context, h store.Handle, service, first, last string, emit func([]string) error) error {
	return h.View(ctx, func(tx *store.Tx) error {
		words := map[store.ID]map[string]string{}
		err := tx.Each(ctx, `SELECT answer_id, field, CASE WHEN state = 'published' THEN text WHEN state = 'masked' THEN shown ELSE '' END FROM barometer_comment
			WHERE territory_id = @territory AND month >= ? AND month <= ? AND (? = '' OR service = ?)`, []any{first, last, service, service}, func(scan func(...any) error) error {
			var id int64
			var field, text string
			if err := scan(&id, &field, &text); err != nil {
				return err
			}
			if words[store.ID(id)] == nil {
				words[store.ID(id)] = map[string]string{}
			}
			words[store.ID(id)][field] = text
			return nil
		})
		if err != nil {
			return fmt.Errorf("barometer: exporting: %w", err)
		}
		n := 0
		return tx.Each(ctx, `SELECT `+answerColumns+` FROM barometer_answer WHERE territory_id = @territory AND (? = '' OR service = ?) AND month >= ? AND month <= ? ORDER BY service, month, id LIMIT ?`,
			[]any{service, service, first, last, maxExport}, func(scan func(...any) error) error {
				var a Answer
				var id int64
				var sat, tried, reached, missed int
				if err := scan(&id, &a.Service, &a.Month, &a.Source, &a.Channel, &a.Delay, &sat, &a.Comprehension, &tried, &reached, &missed, &a.Help, &a.Locked); err != nil {
					return err
				}
				a.ID, a.Satisfaction, a.Tried, a.Reached, a.Missed = store.ID(id), Satisfaction(sat), Aid(tried), Aid(reached), Aid(missed)
				n++
				return emit(jdmaLine(a, n, words[a.ID]))
			})
	})
}

func jdmaLine(a Answer, n int, words map[string]string) []string {
	var tried, reached, help []string
	for _, x := range Aids() {
		if a.Tried&x != 0 {
			tried = append(tried, jdmaAid(x))
		}
		switch {
		case a.Reached&x != 0:
			reached = append(reached, jdmaAid(x)+" : Oui")
		case a.Missed&x != 0:
			reached = append(reached, jdmaAid(x)+" : Non")
		}
		if m := a.helpOf(x); m > 0 {
			help = append(help, jdmaAid(x)+" : "+jdmaHelp(m))
		}
	}
	clear := ""
	if a.Comprehension > 0 {
		clear = strconv.Itoa(a.Comprehension)
	}
	return []string{strconv.Itoa(n), a.Month, a.Service, string(a.Source), jdmaSatisfaction(a.Satisfaction), clear, strings.Join(tried, " / "), words[FieldTriedOther],
		strings.Join(reached, " / "), strings.Join(help, " / "), words[FieldComment]}
}

// Refusal is a line of an import that was not taken, and why.
type Refusal struct {
	Line   int
	Reason string // message key
}

// Imported is what an import came to.
type Imported struct {
	Taken, Known int
	Refused      []Refusal
}

// maxImport bounds one file, in bytes and lines.
const (
	maxImport      = 50 << 20
	maxImportLines = 200_000
)

var (
	errNoColumn = errors.New("barometer: no column satisfaction")
	monthStart  = `^(\d{4})-(\d{2})|^\d{2}/(\d{2})/(\d{4})`
)

// importJDMA reads an export of « Je donne mon avis », or ours: CSV in UTF-8,
// commas, semicolons or tabs, columns named by field code, in any order. Answers
// are kept under the source « import », apart from our own rates. A line read
// before (same review_id, same service) is known and not counted again.
func (s *Service) importJDMA(ctx context.Context, h store.Handle, service string, r io.Reader) (Imported, error) {
	var out Imported
	raw, err := io.ReadAll(io.LimitReader(r, maxImport+1))
	if err != nil || len(raw) > maxImport {
		return out, errors.Join(errNoColumn, err)
	}
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	head, _, _ := bytes.Cut(raw, []byte("\n"))
	read := csv.NewReader(bytes.NewReader(raw))
	read.FieldsPerRecord, read.LazyQuotes = -1, true
	for _, c := range []rune{';', '\t'} {
		if bytes.Count(head, []byte(string(c))) > bytes.Count(head, []byte(string(read.Comma))) {
			read.Comma = c
		}
	}
	names, err := read.Read()
	if err != nil {
		return out, errNoColumn
	}
	at := map[string]int{}
	for i, n := range names {
		at[strings.ToLower(strings.TrimSpace(n))] = i
	}
	if _, ok := at[FieldSatisfaction]; !ok {
		return out, errNoColumn
	}
	dates := regexp.MustCompile(monthStart)
	for batch := 0; batch*500 < maxImportLines; batch++ {
		var rows [][]string
		var where []int
		for len(rows) < 500 {
			row, err := read.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			n, _ := read.FieldPos(0)
			if err != nil {
				out.Refused = append(out.Refused, Refusal{n, "barometer.import.line"})
				continue
			}
			rows, where = append(rows, row), append(where, n)
		}
		if len(rows) == 0 {
			return out, nil
		}
		var round Imported
		if err := h.Update(ctx, func(tx *store.Tx) error {
			round = Imported{}
			for i, row := range rows {
				get := func(name string) string {
					if j, ok := at[name]; ok && j < len(row) {
						return strings.TrimSpace(row[j])
					}
					return ""
				}
				if err := s.importLine(ctx, tx, service, where[i], get, dates, &round); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return out, err
		}
		out.Taken, out.Known, out.Refused = out.Taken+round.Taken, out.Known+round.Known, append(out.Refused, round.Refused...)
	}
	return out, nil
}

func (s *Service) importLine(ctx context.Context, tx *store.Tx, service string, n int, get func(string) string, dates *regexp.Regexp, out *Imported) error {
	refuse := func(key string) error {
		out.Refused = append(out.Refused, Refusal{n, key})
		return nil
	}
	a := Answer{ID: drawn(), Service: service, Source: Foreign, Channel: "web", Locked: true}
	m := dates.FindStringSubmatch(get("created_at"))
	if m == nil {
		return refuse("barometer.import.date")
	}
	a.Month = m[1] + m[4] + "-" + m[2] + m[3]
	if t, err := time.Parse("2006-01", a.Month); err != nil || t.After(tx.Now()) {
		return refuse("barometer.import.date")
	}
	if a.Satisfaction = foreignSatisfaction(get(FieldSatisfaction)); a.Satisfaction == 0 {
		return refuse("barometer.import.satisfaction")
	}
	if v := get(FieldComprehension); v != "" {
		if a.Comprehension = number(v[:1], 1, 5); a.Comprehension == 0 {
			return refuse("barometer.import.comprehension")
		}
	}
	for _, v := range parts(get(FieldTried)) {
		a.Tried |= foreignAid(v)
	}
	for _, v := range parts(get(FieldReached)) {
		x, yes, ok := strings.Cut(v, ":")
		switch aid := foreignAid(x); {
		case !ok:
		case search.Fold(strings.TrimSpace(yes)) == "oui":
			a.Reached |= aid
		default:
			a.Missed |= aid
		}
	}
	a.Tried |= a.Reached | a.Missed
	for _, v := range parts(get(FieldHelp)) {
		x, word, _ := strings.Cut(v, ":")
		for i := range 5 {
			if search.Fold(strings.TrimSpace(word)) == search.Fold(jdmaHelp(i+1)) {
				a.setHelp(foreignAid(x), i+1)
			}
		}
	}
	a.tidy()
	if id := get("review_id"); id != "" {
		hash := "import:" + service + ":" + id
		var known int
		if err := tx.Get(ctx, &known, `SELECT COUNT(*) FROM barometer_answer WHERE territory_id = @territory AND hash = ?`, hash); err != nil {
			return err
		}
		if known > 0 {
			out.Known++
			return nil
		}
		if err := s.insert(ctx, tx, a, hash); err != nil {
			return err
		}
	} else if err := s.insert(ctx, tx, a, ""); err != nil {
		return err
	}
	out.Taken++
	for _, field := range []string{FieldTriedOther, FieldComment} {
		if text := clean(get(field)); text != "" {
			r := []rune(text)
			if err := s.keepComment(ctx, tx, a, field, string(r[:min(len(r), longestComment)])); err != nil {
				return err
			}
		}
	}
	return nil
}

func parts(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, " / ")
}

// foreignSatisfaction reads a label or a code of any JDMA export.
func foreignSatisfaction(s string) Satisfaction {
	for _, x := range Satisfactions() {
		if f := search.Fold(s); f == x.Code() || f == search.Fold(jdmaSatisfaction(x)) {
			return x
		}
	}
	return 0
}

// foreignAid reads a label or a code, with either apostrophe.
func foreignAid(s string) Aid {
	f := search.Fold(strings.TrimSpace(s))
	for _, x := range Aids() {
		if f == x.Code() || f == search.Fold(jdmaAid(x)) {
			return x
		}
	}
	switch {
	case strings.Contains(f, "guichet"):
		return AtCounter
	case strings.Contains(f, "telephone"):
		return ByPhone
	case strings.Contains(f, "mail"):
		return ByMail
	case strings.Contains(f, "chat"):
		return ByChat
	case strings.Contains(f, "proche"):
		return Relative
	case strings.Contains(f, "association"):
		return Association
	case strings.Contains(f, "internet"):
		return Website
	case strings.Contains(f, "autre"):
		return OtherAid
	case strings.Contains(f, "pas eu besoin"):
		return NoHelp
	}
	return 0
}
