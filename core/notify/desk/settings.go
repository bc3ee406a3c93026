package desk

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"parvis/core/notify"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/sms"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// settingsForm is the settings as typed: what is wrong comes back as it was.
type settingsForm struct {
	QuietFrom, QuietTo int
	Cap                string // euros
	Plain              bool
	Sender, Number     string
}

// settingsView is what the page of the settings shows.
type settingsView struct {
	settingsForm
	Path    string
	Done    string
	Errors  []page.FieldError
	Notices []noticeRow
	SMS     bool // an SMS adapter is there
	Part    sms.Cost
}

// noticeRow is one message in the list of the settings.
type noticeRow struct {
	notify.Notice
	Label  string
	Policy notify.Policy
	Size   sms.Size // of its longest SMS, in the dearer language
}

func formOf(ctx context.Context, s notify.Settings) settingsForm {
	f := settingsForm{QuietFrom: s.Quiet.From, QuietTo: s.Quiet.To, Plain: s.Plain, Sender: s.Sender, Number: s.Number}
	if s.Cap > 0 {
		f.Cap = strings.TrimSuffix(strings.TrimSuffix(i18n.Decimal(ctx, float64(s.Cap)/10_000, 2), ",00"), ".00")
	}
	return f
}

// read turns the form into settings; mistakes that only the form can make are
// returned, the others are found when saving.
func (f settingsForm) read() (notify.Settings, fault.Fields) {
	s := notify.Settings{Quiet: notify.Quiet{From: f.QuietFrom, To: f.QuietTo}, Plain: f.Plain, Sender: f.Sender, Number: f.Number}
	var wrong fault.Fields
	if f.Cap != "" {
		typed := strings.NewReplacer("€", "", " ", "", "\u00a0", "", "\u202f", "", ",", ".").Replace(f.Cap)
		euros, err := strconv.ParseFloat(typed, 64)
		if err != nil || euros < 0 || euros > 100_000 {
			wrong.Add("cap", "notify.error.cap")
		} else {
			s.Cap = sms.Cost(euros*10_000 + .5)
		}
	}
	return s, wrong
}

func (d *desk) showSettings(c *web.Context) error {
	var s notify.Settings
	err := c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		s, err = d.hub.Settings(c.Ctx(), tx)
		return err
	})
	if err != nil {
		return err
	}
	return d.renderSettings(c, http.StatusOK, formOf(c.Ctx(), s), nil)
}

func (d *desk) renderSettings(c *web.Context, status int, f settingsForm, errs []page.FieldError) error {
	v := settingsView{settingsForm: f, Path: c.Href("/bureau/messages"), Done: c.TakeFlash(), Errors: errs, SMS: d.hub.Has(notify.SMS), Part: d.hub.PartCost()}
	err := c.Store.View(c.Ctx(), func(tx *store.Tx) error {
		policies, err := d.hub.Policies(c.Ctx(), tx)
		if err != nil {
			return err
		}
		from, err := d.hub.Territory(c.Ctx(), tx)
		if err != nil {
			return err
		}
		v.Notices = nil
		for _, n := range d.hub.Notices() {
			row := noticeRow{Notice: n, Label: c.T(n.Label), Policy: policies[n.Name]}
			if row.Size, err = d.longest(n, from, f.Plain); err != nil {
				return err
			}
			v.Notices = append(v.Notices, row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	p, err := c.StaffPage(c.T("notify.settings.title"))
	if err != nil {
		return err
	}
	p.Heading, p.HasError, p.Head = p.Title, len(errs) > 0, styles(v.Path)
	p.Tools = tabs(v.Path, "settings", true)
	return c.RenderStatus(status, settingsPage(p, v))
}

// longest is the size of the notice's SMS in the language that takes more room.
func (d *desk) longest(n notify.Notice, from notify.Territory, plain bool) (sms.Size, error) {
	var out sms.Size
	if !slices.Contains(n.Channels, notify.SMS) {
		return out, nil
	}
	for _, lang := range []string{i18n.French, i18n.English} {
		t, err := d.hub.Preview(n, notify.SMS, lang, from, plain)
		if err != nil {
			return out, err
		}
		if t.Size.Parts > out.Parts || t.Size.Parts == out.Parts && t.Size.Units > out.Units {
			out = t.Size
		}
	}
	return out, nil
}

func (d *desk) saveSettings(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	f := readSettings(form)
	s, wrong := f.read()
	err = wrong.Err()
	if err == nil {
		err = c.Store.Update(c.Ctx(), func(tx *store.Tx) error { return d.hub.SetSettings(c.Ctx(), tx, s, c.Actor.ID) })
	}
	if errs, ok := c.FieldErrors(err); ok && err != nil {
		return d.renderSettings(c, http.StatusUnprocessableEntity, f, errs)
	}
	if err != nil {
		return err
	}
	c.Flash(c.T("notify.settings.saved"))
	return c.Redirect("/bureau/messages/reglages")
}

func readSettings(form url.Values) settingsForm {
	get := func(name string) string { return strings.TrimSpace(form.Get(name)) }
	minutes := func(name string) int {
		n, err := strconv.Atoi(get(name))
		if err != nil {
			return -1
		}
		return n
	}
	return settingsForm{QuietFrom: minutes("quiet_from"), QuietTo: minutes("quiet_to"), Cap: get("cap"), Plain: form.Has("plain"), Sender: get("sender"), Number: get("number")}
}

// hours offers the half hours a bound may take.
func hours(ctx context.Context, from, to, chosen int) []page.Option {
	var out []page.Option
	for m := from; m <= to; m += 30 {
		out = append(out, page.Option{Value: strconv.Itoa(m), Label: i18n.ClockMinutes(ctx, m), Selected: m == chosen})
	}
	return out
}
