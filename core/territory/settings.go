package territory

import (
	"net/netip"
	"regexp"
	"strings"
	"time"

	"parvis/core/territory/theme"
	"parvis/platform/fault"
	"parvis/platform/hours"
	"parvis/platform/mail"
	"parvis/platform/phone"
)

// Settings is what a territory chooses. The zero value of a field means that
// it has not been filled in: pages leave it out, « ce qui manque » lists it.
type Settings struct {
	Colour  string     `json:"colour"` // "#B4532F"; everything shown derives from it
	Sign    string     `json:"sign"`   // one of page.SignNames
	Place   string     `json:"place"`  // "Mairie de Vouneuil"
	Address string     `json:"address"`
	Zip     string     `json:"zip"`
	City    string     `json:"city"`
	Phone   string     `json:"phone"` // E.164
	Hours   string     `json:"phone_hours"`
	Email   string     `json:"email"`
	Opening hours.Week `json:"opening"`

	TimeZone string          `json:"time_zone"`
	Closed   map[string]bool `json:"closed"` // optional services that are closed
	Notice   string          `json:"notice"` // line above every page: works, crisis
	Paused   bool            `json:"paused"` // residents read, nothing can be asked

	Accessibility Accessibility `json:"accessibility"`
	Legal         Legal         `json:"legal"`
	Consortium    string        `json:"consortium,omitempty"`

	zone *time.Location // of TimeZone, once loaded
}

// Accessibility is the result of the last audit (decree 2019-768): no audit
// means « non conforme ».
type Accessibility struct {
	AuditedOn string  `json:"audited_on"` // AAAA-MM-JJ, empty: never
	By        string  `json:"by"`
	Rate      float64 `json:"rate"` // share of the criteria that apply and are met, 0 to 1
	Missing   string  `json:"missing"`
	Plan      string  `json:"plan"` // address of the multi-year scheme
}

// State is the mention of the law: under 50 % non, from 50 % partly, 100 % totally.
func (a Accessibility) State() string {
	switch {
	case a.AuditedOn == "" || a.Rate < 0.5:
		return "none"
	case a.Rate < 1:
		return "partial"
	}
	return "full"
}

// Legal is what the legal mentions and the privacy notice name.
type Legal struct {
	Publisher string `json:"publisher"` // directeur de la publication
	Host      string `json:"host"`
	DPO       string `json:"dpo"`
	DPOEmail  string `json:"dpo_email"`
	SIRET     string `json:"siret"`
}

// Location is the zone of the territory; Europe/Paris when the name is unknown.
func (s Settings) Location() *time.Location {
	if s.zone != nil && s.zone.String() == s.TimeZone {
		return s.zone
	}
	if loc, err := time.LoadLocation(s.TimeZone); err == nil && s.TimeZone != "" {
		return loc
	}
	loc, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		return time.UTC
	}
	return loc
}

// Open tells whether an optional service is open.
func (s Settings) Open(service string) bool { return !s.Closed[service] }

var (
	zipCode = regexp.MustCompile(`^\d{5}$`)
	siret   = regexp.MustCompile(`^\d{14}$`)
	host    = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$`)
)

const longest = 300

// Check normalises the settings and returns the mistakes, field by field.
func (s *Settings) Check(departement string) fault.Fields {
	var wrong fault.Fields
	for _, f := range []struct {
		name string
		v    *string
	}{{"place", &s.Place}, {"address", &s.Address}, {"city", &s.City}, {"phone_hours", &s.Hours}, {"notice", &s.Notice},
		{"publisher", &s.Legal.Publisher}, {"host_name", &s.Legal.Host}, {"dpo", &s.Legal.DPO}} {
		*f.v = strings.TrimSpace(*f.v)
		if len(*f.v) > longest {
			wrong.Add(f.name, "territory.error.long", "Max", longest)
		}
	}
	if _, err := theme.Derive(s.Colour); err != nil {
		wrong.Add("colour", "territory.error.colour")
	}
	if s.Zip != "" && !zipCode.MatchString(s.Zip) {
		wrong.Add("zip", "territory.error.zip")
	}
	if s.Phone != "" {
		if n, err := phone.Parse(s.Phone, phone.Region(departement)); err != nil {
			wrong.Add("phone", "territory.error.phone")
		} else {
			s.Phone = n.E164()
		}
	}
	if s.Email != "" {
		if a, err := mail.ParseAddress(s.Email); err != nil {
			wrong.Add("email", "territory.error.email")
		} else {
			s.Email = a
		}
	}
	if s.Legal.DPOEmail != "" {
		if a, err := mail.ParseAddress(s.Legal.DPOEmail); err != nil {
			wrong.Add("dpo_email", "territory.error.email")
		} else {
			s.Legal.DPOEmail = a
		}
	}
	if s.Legal.SIRET != "" && !siret.MatchString(strings.ReplaceAll(s.Legal.SIRET, " ", "")) {
		wrong.Add("siret", "territory.error.siret")
	}
	if _, err := time.LoadLocation(s.TimeZone); err != nil || s.TimeZone == "" {
		wrong.Add("time_zone", "territory.error.time_zone")
	}
	return wrong
}

// CheckHost validates a host name of the territory's own; "" removes it.
func CheckHost(h string) (string, error) {
	h = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(h), "."))
	if h == "" {
		return "", nil
	}
	if _, err := netip.ParseAddr(h); err == nil || !host.MatchString(h) || len(h) > 253 {
		var wrong fault.Fields
		wrong.Add("host", "territory.error.host")
		return "", wrong.Err()
	}
	return h, nil
}
