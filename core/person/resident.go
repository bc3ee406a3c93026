package person

import (
	"strings"
	"time"
	"unicode/utf8"

	"parvis/platform/fault"
	"parvis/platform/phone"
	"parvis/platform/search"
	"parvis/platform/store"
)

// notesLimit is the largest number of characters of what the staff notes.
const notesLimit = 1000

// Resident is the card of somebody the services of a territory serve.
type Resident struct {
	ID                  store.ID
	Title               Title
	FirstName, LastName string
	Phone               phone.Number // zero: none
	Email               string       // lower case, "" when none
	Lang                string       // "fr" or "en"
	Notes               string       // facts the person may ask to read
	CreatedAt           time.Time    // UTC
	LastUsedAt          time.Time    // UTC: last time a service served this person
	MergedInto          store.ID     // 0, or the card that holds the rest
}

// Name is the first and last name.
func (r Resident) Name() string { return strings.TrimSpace(r.FirstName + " " + r.LastName) }

// Reachable tells whether a message can be sent to the person.
func (r Resident) Reachable() bool { return r.Email != "" || r.Phone.SMSAllowed() }

// folds are the two orders in which people write a name.
func (r Resident) folds() (last, first string) {
	return search.Fold(r.LastName + " " + r.FirstName), search.Fold(r.FirstName + " " + r.LastName)
}

// Draft is a card as typed.
type Draft struct {
	Title, FirstName, LastName, Phone, Email, Lang, Notes string
}

// Read checks a card and returns it as it will be written; region is the ISO code
// under which the number is read. Telephone and e-mail may both be empty: many
// have neither. Fault: Invalid with the fields title, firstName, lastName,
// phone, email, lang, notes.
func (d Draft) Read(region string) (Resident, error) {
	var fs fault.Fields
	r := Resident{Title: Title(d.Title), Lang: d.Lang, Notes: plainText(d.Notes)}
	if r.Title != NoTitle && r.Title.Label() == "" {
		fs.Add("title", "person.error.title")
	}
	r.FirstName = readName(&fs, "firstName", d.FirstName)
	r.LastName = readName(&fs, "lastName", d.LastName)
	if number, err := phone.Parse(d.Phone, region); err == nil {
		r.Phone = number
	} else if kind := phone.KindOf(err); kind != phone.Empty {
		fs.Add("phone", "phone.error."+string(kind))
	}
	if strings.TrimSpace(d.Email) != "" {
		r.Email = readEmail(&fs, "email", d.Email)
	}
	switch r.Lang {
	case "":
		r.Lang = "fr"
	case "fr", "en":
	default:
		fs.Add("lang", "person.error.lang")
	}
	if utf8.RuneCountInString(r.Notes) > notesLimit {
		fs.Add("notes", "person.error.notes", "Limit", notesLimit)
	}
	return r, fs.Err()
}

// draft is a card written back into a form.
func (r Resident) draft() Draft {
	return Draft{Title: string(r.Title), FirstName: r.FirstName, LastName: r.LastName, Phone: r.Phone.National(), Email: r.Email, Lang: r.Lang, Notes: r.Notes}
}
