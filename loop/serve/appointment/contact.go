package appointment

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"parvis/platform/fault"
	"parvis/platform/mail"
	"parvis/platform/phone"
)

// Contact is who comes and how to reach them. At least one of Phone and Email.
type Contact struct {
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Phone     string `json:"phone"` // as typed, then E.164
	Email     string `json:"email"`
	OnBehalf  string `json:"on_behalf"` // who books for them, if somebody else
	Lang      string `json:"lang"`
}

// maxName is the longest name accepted, in characters.
const maxName = 80

// Check normalises the contact and returns the mistakes. Staff may leave both
// ways of contact empty: some people have neither, and come all the same.
func (c *Contact) Check(departement string, staff bool) error {
	var wrong fault.Fields
	for _, f := range []struct {
		name string
		v    *string
		need bool
	}{{"first_name", &c.FirstName, !staff}, {"last_name", &c.LastName, true}, {"on_behalf", &c.OnBehalf, false}} {
		*f.v = strings.Join(strings.FieldsFunc(*f.v, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
		switch {
		case *f.v == "" && f.need:
			wrong.Add(f.name, "appointment.error."+f.name)
		case utf8.RuneCountInString(*f.v) > maxName:
			wrong.Add(f.name, "appointment.error.long", "Max", maxName)
		case *f.v != "" && !strings.ContainsFunc(*f.v, unicode.IsLetter):
			wrong.Add(f.name, "appointment.error.letters")
		}
	}
	c.Phone, c.Email = strings.TrimSpace(c.Phone), strings.TrimSpace(c.Email)
	if c.Phone != "" {
		n, err := phone.Parse(c.Phone, phone.Region(departement))
		switch {
		case err != nil:
			wrong.Add("phone", "appointment.error.phone")
		case !n.SMSAllowed() && c.Email == "" && !staff:
			wrong.Add("phone", "appointment.error.mobile")
		default:
			c.Phone = n.E164()
		}
	}
	if c.Email != "" {
		a, err := mail.ParseAddress(c.Email)
		if err != nil {
			wrong.Add("email", "appointment.error.email")
		} else {
			c.Email = a
		}
	}
	if c.Phone == "" && c.Email == "" && !staff {
		wrong.Add("phone", "appointment.error.reach")
	}
	if c.Lang != "en" {
		c.Lang = "fr"
	}
	return wrong.Err()
}

// Mobile is the number when it can receive SMS, "" otherwise.
func (c Contact) Mobile() string {
	if n, err := phone.Parse(c.Phone, ""); err == nil && n.SMSAllowed() {
		return n.E164()
	}
	return ""
}

// Name is first and last name.
func (c Contact) Name() string { return strings.TrimSpace(c.FirstName + " " + c.LastName) }
