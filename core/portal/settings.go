package portal

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"parvis/core/territory"
	"parvis/platform/fault"
	"parvis/platform/hours"
	"parvis/platform/i18n"
	"parvis/platform/phone"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// form is the settings as typed: what is wrong comes back as it was.
type form struct {
	Version                                           int64
	Name, Host                                        string
	Colour, Sign, Place, Address, Zip, City           string
	Phone, PhoneHours, Email, Notice                  string
	TimeZone                                          string
	Publisher, HostName, DPO, DPOEmail, SIRET         string
	AuditedOn, AuditBy, AuditRate, AuditMissing, Plan string
	Opening                                           [7]string
	Open                                              map[string]bool
}

// days in the order of the form.
func days() [7]time.Weekday {
	return [7]time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}
}

func (p *Portal) formOf(c *web.Context, t *territory.Territory) form {
	s := t.Settings
	f := form{Version: t.Version, Host: t.Host, Colour: s.Colour, Sign: s.Sign, Place: s.Place, Address: s.Address, Zip: s.Zip, City: s.City,
		PhoneHours: s.Hours, Email: s.Email, Notice: s.Notice, TimeZone: s.TimeZone, Publisher: s.Legal.Publisher, HostName: s.Legal.Host, DPO: s.Legal.DPO,
		DPOEmail: s.Legal.DPOEmail, SIRET: s.Legal.SIRET, AuditedOn: s.Accessibility.AuditedOn, AuditBy: s.Accessibility.By,
		AuditMissing: s.Accessibility.Missing, Plan: s.Accessibility.Plan, Open: map[string]bool{}}
	if t.Name != t.Official.Name {
		f.Name = t.Name
	}
	if n, err := phone.Parse(s.Phone, ""); err == nil {
		f.Phone = n.National()
	}
	if s.Accessibility.Rate > 0 {
		f.AuditRate = strconv.FormatFloat(s.Accessibility.Rate*100, 'f', -1, 64)
	}
	l := i18n.From(c.Ctx())
	for _, d := range days() {
		f.Opening[d] = hours.FormatIn(l, s.Opening[d])
	}
	for _, x := range p.services {
		if x.Optional {
			f.Open[x.Name] = s.Open(x.Name)
		}
	}
	return f
}

func (p *Portal) settings(c *web.Context) error {
	return p.showSettings(c, p.formOf(c, territory.Of(c)), nil, http.StatusOK)
}

func (p *Portal) showSettings(c *web.Context, f form, errs []page.FieldError, status int) error {
	title := c.T("portal.settings.title")
	pg, err := c.StaffPage(title)
	if err != nil {
		return err
	}
	pg.Heading, pg.HasError = title, len(errs) > 0
	return c.RenderStatus(status, settingsPage(pg, p.settingsView(c, f, errs), c.TakeFlash()))
}

// settingsView is the form and what the page shows beside it.
type settingsView struct {
	form
	Errors   []page.FieldError
	Services []page.SettingData
	Missing  []page.Task
	Preview  page.PreviewData
	Tints    []page.Tint
	Signs    []page.Option
	Zones    []page.Option
	Action   string
}

func (p *Portal) settingsView(c *web.Context, f form, errs []page.FieldError) settingsView {
	v := settingsView{form: f, Errors: errs, Action: c.Href("/bureau/reglages")}
	t := territory.Of(c)
	v.Preview = page.PreviewData{Sign: f.Sign, Kind: c.Site.Kind, Name: c.Site.Name, Phone: f.Phone, Title: c.T("portal.portal.hello")}
	for _, s := range p.services {
		if !s.Optional {
			continue
		}
		v.Services = append(v.Services, page.SettingData{Icon: s.Icon, ID: "service-" + s.Name, Name: "service", Value: s.Name, Title: c.T(s.Label), Text: c.T(s.About), Checked: f.Open[s.Name]})
		if f.Open[s.Name] {
			v.Preview.Lines = append(v.Preview.Lines, page.Tile{Icon: s.Icon, Title: c.T(s.Label)})
		}
	}
	known := false
	for _, x := range []struct{ hex, key string }{{"#B4532F", "terracotta"}, {"#0E6E73", "lake"}, {"#5B4B8A", "aubergine"}, {"#3F6B2A", "moss"}, {"#8A2F5B", "plum"}, {"#1F5B92", "slate"}} {
		v.Tints = append(v.Tints, page.Tint{Value: x.hex, Colour: x.hex, Label: c.T("portal.tint." + x.key), Checked: f.Colour == x.hex})
		known = known || f.Colour == x.hex
	}
	if !known {
		v.Tints = append(v.Tints, page.Tint{Value: f.Colour, Colour: f.Colour, Label: c.T("portal.tint.own"), Checked: true})
	}
	for _, n := range page.SignNames() {
		v.Signs = append(v.Signs, page.Option{Value: n, Label: c.T("portal.sign." + n), Selected: n == f.Sign})
	}
	for _, z := range zones() {
		v.Zones = append(v.Zones, page.Option{Value: z, Label: strings.ReplaceAll(z, "_", " "), Selected: z == f.TimeZone})
	}
	s := t.Settings
	for _, x := range []struct {
		key, field string
		done       bool
	}{{"address", "address", s.Address != ""}, {"phone", "phone", s.Phone != ""}, {"opening", "opening-1", !s.Opening.Closed()}, {"email", "email", s.Email != ""},
		{"publisher", "publisher", s.Legal.Publisher != ""}, {"dpo", "dpo_email", s.Legal.DPOEmail != ""}, {"audit", "audited_on", s.Accessibility.AuditedOn != ""}} {
		v.Missing = append(v.Missing, page.Task{Title: c.T("portal.missing." + x.key), Text: c.T("portal.missing." + x.key + ".why"), Href: "#" + x.field, Done: x.done})
	}
	return v
}

// zones are those of the French territories.
func zones() []string {
	return []string{"Europe/Paris", "America/Guadeloupe", "America/Martinique", "America/Cayenne", "Indian/Reunion", "Indian/Mayotte", "America/Miquelon",
		"America/St_Barthelemy", "America/Marigot", "Pacific/Tahiti", "Pacific/Noumea", "Pacific/Wallis"}
}

func readForm(v url.Values) form {
	get := func(name string) string { return strings.TrimSpace(v.Get(name)) }
	f := form{Name: get("name"), Host: get("host"), Colour: get("colour"), Sign: get("sign"), Place: get("place"), Address: get("address"), Zip: get("zip"),
		City: get("city"), Phone: get("phone"), PhoneHours: get("phone_hours"), Email: get("email"), Notice: get("notice"), TimeZone: get("time_zone"),
		Publisher: get("publisher"), HostName: get("host_name"), DPO: get("dpo"), DPOEmail: get("dpo_email"), SIRET: get("siret"), AuditedOn: get("audited_on"),
		AuditBy: get("audit_by"), AuditRate: get("audit_rate"), AuditMissing: get("audit_missing"), Plan: get("plan"), Open: map[string]bool{}}
	f.Version, _ = strconv.ParseInt(get("version"), 10, 64) // 0 is an old version: the save is refused
	if own := get("own_colour"); own != "" && get("use_own") != "" {
		f.Colour = own
	}
	for _, d := range days() {
		f.Opening[d] = get("opening-" + strconv.Itoa(int(d)))
	}
	for _, name := range v["service"] {
		f.Open[name] = true
	}
	return f
}

func (p *Portal) saveSettings(c *web.Context) error {
	v, err := c.Form()
	if err != nil {
		return err
	}
	f := readForm(v)
	t := territory.Of(c)
	s, wrong := p.settingsOf(f, t)
	if len(wrong) > 0 {
		wrong = append(wrong, s.Check(t.Official.Departement)...)
		err = wrong.Err()
	} else {
		err = p.Book.Save(c.Ctx(), t.ID, territory.Change{Version: f.Version, By: c.Actor.ID, Name: f.Name, Host: f.Host, Settings: s})
	}
	if errs, ok := c.FieldErrors(err); ok {
		for i := range errs {
			if errs[i].Field == "colour" { // mended in the field beside the tints
				errs[i].Field = "own_colour"
			}
		}
		return p.showSettings(c, f, errs, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	c.Flash(c.T("portal.settings.saved"))
	return c.Redirect("/bureau/reglages")
}

// settingsOf turns what was typed into settings, and says what cannot be read.
func (p *Portal) settingsOf(f form, t *territory.Territory) (territory.Settings, fault.Fields) {
	var wrong fault.Fields
	s := t.Settings
	s.Colour, s.Sign, s.Place, s.Address, s.Zip, s.City = f.Colour, f.Sign, f.Place, f.Address, f.Zip, f.City
	s.Phone, s.Hours, s.Email, s.Notice, s.TimeZone = f.Phone, f.PhoneHours, f.Email, f.Notice, f.TimeZone
	s.Legal = territory.Legal{Publisher: f.Publisher, Host: f.HostName, DPO: f.DPO, DPOEmail: f.DPOEmail, SIRET: strings.ReplaceAll(f.SIRET, " ", "")}
	s.Accessibility = territory.Accessibility{AuditedOn: f.AuditedOn, By: f.AuditBy, Missing: f.AuditMissing, Plan: f.Plan}
	if f.AuditedOn != "" {
		if _, err := time.Parse(time.DateOnly, f.AuditedOn); err != nil {
			wrong.Add("audited_on", "portal.error.date")
		}
	}
	if f.AuditRate != "" {
		rate, err := strconv.ParseFloat(strings.Replace(strings.TrimSuffix(f.AuditRate, "%"), ",", ".", 1), 64)
		if err != nil || rate < 0 || rate > 100 {
			wrong.Add("audit_rate", "portal.error.rate")
		}
		s.Accessibility.Rate = rate / 100
	}
	s.Closed = map[string]bool{}
	for _, x := range p.services {
		if x.Optional && !f.Open[x.Name] {
			s.Closed[x.Name] = true
		}
	}
	for _, d := range days() {
		spans, err := hours.ParseDay(f.Opening[d])
		if err != nil {
			r, ok := err.(*hours.Refusal)
			if !ok {
				r = &hours.Refusal{Reason: hours.Unreadable, Value: f.Opening[d]}
			}
			wrong.Add("opening-"+strconv.Itoa(int(d)), r.Key(), r.Args()...)
			continue
		}
		s.Opening[d] = spans
	}
	return s, wrong
}
