package report

import (
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"parvis/engine/dossier"
	"parvis/platform/fault"
	"parvis/platform/geo"
	"parvis/platform/mail"
	"parvis/platform/phone"
	"parvis/platform/store"
)

// Moderation is whether somebody looked at what a report says.
type Moderation string

// The states of moderation.
const (
	Clear    Moderation = "clear"    // nothing to look at
	Waiting  Moderation = "waiting"  // masked or hidden until somebody looks
	Reviewed Moderation = "reviewed" // somebody looked
	Hidden   Moderation = "hidden"   // taken off the public pages
)

// Report is what an inhabitant told.
type Report struct {
	ID         store.ID
	DossierID  store.ID
	Number     string // "P-2026-01184"
	CategoryID store.ID
	Title      string // as everybody reads it
	Text       string // as its author wrote it: staff only
	TextShown  string // as everybody reads it
	Answers    store.JSON[map[string][]string]
	Lat, Lon   float64
	Located    bool
	Cell       int64   // geo.CellKey, -1 without position
	Accuracy   float64 // metres, 0 unknown
	Address    string
	AddressID  string // of the Base adresse nationale
	State      State
	Visible    bool // on the public pages
	Private    bool
	Moderation Moderation
	Anonymous  bool
	Priority   Priority // followers not counted
	Followers  int      `db:"follow_count"`
	Cause      string
	Reason     string // why it was closed
	SectorID   store.ID
	CrewID     store.ID
	Channel    dossier.Channel
	Source     string // instance it came from, "" here
	ExternalID string
	StaffID    store.ID // who keyed it in, 0 the author
	MergedInto store.ID
	OpenedAt   time.Time
	DueAt      time.Time
	PlannedAt  time.Time
	ClosedAt   time.Time
	UpdatedAt  time.Time
	Version    int64

	Token  string  `db:"-"` // secret of the author's follow page; filled by Open only
	Photos []Photo `db:"-"` // filled by Get, ByNumber and Load
	Code   string  `db:"-"` // what an anonymous author keeps; filled by Open only
	Fresh  bool    `db:"-"` // Open wrote it; false: the key was known
}

const columns = `id, dossier_id, number, category_id, title, text, text_shown, answers, lat, lon, located, cell, accuracy, address, address_id,
	state, visible, private, moderation, anonymous, priority, follow_count, cause, reason, sector_id, crew_id, channel, source, external_id,
	staff_id, merged_into, opened_at, due_at, planned_at, closed_at, updated_at, version`

// Point is where it is; ok is false when nobody knows.
func (r Report) Point() (p geo.Point, ok bool) { return geo.Point{Lat: r.Lat, Lon: r.Lon}, r.Located }

// PublicState is the state as everybody reads it.
func (r Report) PublicState() PublicState { return r.State.Public() }

// Closed tells whether it is at its end.
func (r Report) Closed() bool { return !r.ClosedAt.IsZero() }

// Late tells whether the promised date is past at now.
func (r Report) Late(now time.Time) bool {
	return !r.Closed() && !r.DueAt.IsZero() && !now.Before(r.DueAt)
}

// InTime tells whether a closed report was closed by the promised date.
func (r Report) InTime() bool { return r.Closed() && (r.DueAt.IsZero() || !r.ClosedAt.After(r.DueAt)) }

// Ref is its reference for links and events.
func (r Report) Ref() string { return Kind + ":" + r.ID.String() }

// Path is its public address.
func (r Report) Path() string { return listPath + "/" + r.Number }

// StaffPath is its address for the staff.
func (r Report) StaffPath() string { return deskPath + "/" + r.ID.String() }

// Contact is who reports, as typed. All may be empty.
type Contact struct {
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	Phone     string `json:"phone,omitempty"` // E.164 once checked
	Email     string `json:"email,omitempty"`
}

// Name is the first and last name.
func (c Contact) Name() string { return strings.TrimSpace(c.FirstName + " " + c.LastName) }

// Reachable tells whether there is a way to answer.
func (c Contact) Reachable() bool { return c.Phone != "" || c.Email != "" }

// Draft is a report to open.
type Draft struct {
	Category  store.ID
	Text      string
	Point     *geo.Point // nil: unknown
	Accuracy  float64    // metres
	Address   string     // or a description of the place
	AddressID string
	Answers   map[string][]string // by code of the question
	Photos    []PhotoRef
	Channel   dossier.Channel // "": web
	Contact   Contact
	Anonymous bool
	Private   bool   // its author does not want it on the public pages
	Lang      string // "fr" or "en", of the messages
	// ExternalID and Source name it elsewhere: another server, an older tool.
	ExternalID, Source string
	Staff              store.ID  // who keys it in for somebody
	RequestedAt        time.Time // when it was told, zero: now; never in the future
	Key                string    // idempotency: the same key is the same report
	Priority           Priority  // 0: that of the category and the answers
	// Trusted leaves out what only a form asks for: required questions, contact,
	// season, territory. For imports and messages (SMS, mail) that say what they say.
	Trusted bool
}

// Bounds of a report.
const (
	maxText    = 4000 // characters, GeoReport v2
	maxAddress = 300
	maxPhotos  = 3
	maxKey     = 200
)

// tidy makes text comparable: NFC, one kind of line end, no control signs.
func tidy(s string) string {
	s = norm.NFC.String(strings.ReplaceAll(s, "\r\n", "\n"))
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, s))
}

// Check normalises a draft for a category and returns the mistakes, field by
// field: text, address, point, photos, first_name, last_name, phone, email,
// contact and those of the questions. region reads phone numbers.
func (d *Draft) Check(c Category, region string, now time.Time) error {
	var wrong fault.Fields
	if !utf8.ValidString(d.Text) || !utf8.ValidString(d.Address) {
		wrong.Add("text", "report.error.text")
		d.Text, d.Address = strings.ToValidUTF8(d.Text, "�"), strings.ToValidUTF8(d.Address, "�")
	}
	d.Text, d.Address = tidy(d.Text), tidy(d.Address)
	if utf8.RuneCountInString(d.Text) > maxText {
		wrong.Add("text", "report.error.text.long", "Max", maxText)
	}
	if utf8.RuneCountInString(d.Address) > maxAddress {
		wrong.Add("address", "report.error.address.long", "Max", maxAddress)
	}
	if d.Point != nil && !d.Point.Valid() {
		wrong.Add("point", "report.error.point")
	}
	if len(d.Photos) > maxPhotos {
		wrong.Add("photos", "report.error.photos", "Max", maxPhotos)
	}
	if !d.Trusted {
		if d.Point == nil && d.Address == "" && !c.Complaint() {
			wrong.Add("address", "report.error.where")
		}
		if d.Text == "" && len(d.Photos) == 0 {
			wrong.Add("text", "report.error.text.empty")
		}
	}
	wrong = append(wrong, d.checkContact(c, region)...)
	if d.RequestedAt.IsZero() || d.RequestedAt.After(now) {
		d.RequestedAt = now
	}
	if d.Channel == "" {
		d.Channel = dossier.Web
	}
	if d.Lang != "en" {
		d.Lang = "fr"
	}
	if len(d.Key) > maxKey {
		wrong.Add("key", "report.error.key")
	}
	return wrong.Err()
}

func (d *Draft) checkContact(c Category, region string) (wrong fault.Fields) {
	who := &d.Contact
	if d.Anonymous {
		if !c.Detail.V.Anonymous && !d.Trusted {
			wrong.Add("contact", "report.error.anonymous")
		}
		*who = Contact{}
		return wrong
	}
	who.FirstName, who.LastName, who.Phone, who.Email = tidy(who.FirstName), tidy(who.LastName), strings.TrimSpace(who.Phone), strings.TrimSpace(who.Email)
	for _, f := range []struct{ name, value string }{{"first_name", who.FirstName}, {"last_name", who.LastName}} {
		if utf8.RuneCountInString(f.value) > 100 || strings.ContainsAny(f.value, "\n<>") {
			wrong.Add(f.name, "report.error.name")
		}
	}
	if who.Phone != "" {
		n, err := phone.Parse(who.Phone, region)
		if err == nil {
			who.Phone = n.E164()
		} else if kind := phone.KindOf(err); kind != phone.Empty {
			wrong.Add("phone", "phone.error."+string(kind))
		}
	}
	if who.Email != "" {
		address, err := mail.ParseAddress(who.Email)
		if err != nil {
			wrong.Add("email", "report.error.email")
		} else {
			who.Email = strings.ToLower(address)
		}
	}
	switch {
	case d.Trusted:
	case c.Detail.V.PhoneRequired && who.Phone == "" && !wrong.Has("phone"):
		wrong.Add("phone", "report.error.phone")
	case !who.Reachable() && !wrong.Has("phone") && !wrong.Has("email"):
		wrong.Add("contact", "report.error.contact")
	}
	return wrong
}
