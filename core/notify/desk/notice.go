package desk

import (
	"net/http"

	"parvis/core/notify"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/sms"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// noticeView is one message with its texts and its channels.
type noticeView struct {
	notify.Notice
	Path     string
	Label    string
	Policy   notify.Policy
	Errors   []page.FieldError
	Previews []preview
	Part     sms.Cost
}

// preview is a text with its longest values, in one language on one channel.
type preview struct {
	Channel notify.Channel
	Lang    string
	notify.Text
	Changes []sms.Change // letters that would make it cheaper
	Saved   int          // parts they would save
}

func (d *desk) showNotice(c *web.Context) error {
	return d.renderNotice(c, http.StatusOK, nil, nil)
}

func (d *desk) renderNotice(c *web.Context, status int, typed notify.Policy, errs []page.FieldError) error {
	n, ok := d.hub.Notice(c.Param("notice"))
	if !ok {
		return fault.New(fault.NotFound, "")
	}
	v := noticeView{Notice: n, Path: c.Href("/bureau/messages"), Label: c.T(n.Label), Policy: typed, Errors: errs, Part: d.hub.PartCost()}
	err := c.Store.View(c.Ctx(), func(tx *store.Tx) error {
		from, err := d.hub.Territory(c.Ctx(), tx)
		if err != nil {
			return err
		}
		set, err := d.hub.Settings(c.Ctx(), tx)
		if err != nil {
			return err
		}
		if v.Policy == nil {
			policies, err := d.hub.Policies(c.Ctx(), tx)
			if err != nil {
				return err
			}
			v.Policy = policies[n.Name]
		}
		v.Previews, err = d.previews(n, from, set.Plain)
		return err
	})
	if err != nil {
		return err
	}
	p, err := c.StaffPage(v.Label)
	if err != nil {
		return err
	}
	p.Heading, p.HasError, p.Head = v.Label, len(errs) > 0, styles(v.Path)
	p.Crumbs = []page.Link{{Label: c.T("notify.settings.title"), Href: v.Path + "/reglages"}, {Label: v.Label, Current: true}}
	return c.RenderStatus(status, noticePage(p, v))
}

func (d *desk) previews(n notify.Notice, from notify.Territory, plain bool) ([]preview, error) {
	var out []preview
	for _, ch := range n.Channels {
		for _, lang := range []string{i18n.French, i18n.English} {
			text, err := d.hub.Preview(n, ch, lang, from, plain)
			if err != nil {
				return nil, err
			}
			x := preview{Channel: ch, Lang: lang, Text: text}
			if ch == notify.SMS && text.Size.Encoding == sms.UCS2 {
				cheap, changes := sms.Transliterate(text.Body)
				x.Changes, x.Saved = changes, text.Size.Parts-sms.Billed(cheap, sms.Alert).Parts
			}
			out = append(out, x)
		}
	}
	return out, nil
}

func (d *desk) saveNotice(c *web.Context) error {
	form, err := c.Form()
	if err != nil {
		return err
	}
	n, ok := d.hub.Notice(c.Param("notice"))
	if !ok {
		return fault.New(fault.NotFound, "")
	}
	policy := notify.Policy{}
	for _, ch := range n.Channels {
		policy[ch] = notify.Mode(form.Get(string(ch)))
	}
	err = c.Store.Update(c.Ctx(), func(tx *store.Tx) error { return d.hub.SetPolicy(c.Ctx(), tx, n.Name, policy, c.Actor.ID) })
	if errs, ok := c.FieldErrors(err); ok && err != nil {
		return d.renderNotice(c, http.StatusUnprocessableEntity, policy, errs)
	}
	if err != nil {
		return err
	}
	c.Flash(c.T("notify.notice.saved", "Label", c.T(n.Label)))
	return c.Redirect("/bureau/messages/reglages")
}
