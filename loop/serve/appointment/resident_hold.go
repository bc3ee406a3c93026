package appointment

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"parvis/core/person"
	"parvis/core/place"
	"parvis/engine/booking"
	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

func heldPath(token string) string { return home + "/reservation/" + token }

// reservation is a hold with all its pages show.
type reservation struct {
	Held
	Reason  Reason
	Place   place.Place
	Live    bool // the start is still kept
	Renewed bool
	Link    string // of the appointment, once it is booked
}

// reserved finds the hold of the address. gone is true when there is none: its
// page says what to do.
func (s *Service) reserved(c *web.Context) (r reservation, gone bool, err error) {
	err = c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		if r.Held, err = s.HeldBy(c.Ctx(), tx, c.Param("token")); err != nil {
			return err
		}
		if r.Reason, err = s.Reason(c.Ctx(), tx, r.ReasonID); err != nil {
			return err
		}
		if r.Place, err = s.placeOf(c.Ctx(), tx, r.PlaceID); err != nil {
			return err
		}
		b, err := s.booking.Get(c.Ctx(), tx, r.BookingID)
		if err != nil && !web.Gone(err) {
			return err
		}
		r.Live, r.Renewed = b.State == booking.Held && b.ExpiresAt.After(tx.Now()), b.Renewed
		if r.AppointmentID != 0 {
			r.Link = s.Link(tx.Territory(), r.AppointmentID)
		}
		return nil
	})
	if fault.Is(err, fault.Gone) {
		return r, true, nil
	}
	return r, false, err
}

// holdView is the page of who comes, and the page of a hold that ran out.
type holdView struct {
	Path     string
	Facts    []page.Fact
	Until    string // hour until which the start is kept
	Extend   bool
	Contact  Contact
	Errors   []page.FieldError
	Other    string // address of the slots, with what was typed
	Privacy  string
	Typed    bool // something was typed before the hold ran out
	Ways     []page.Way
	Done     string
	SentTo   string // the code page: where the code went
	ByMobile bool
}

func (s *Service) holdView(c *web.Context, r reservation) holdView {
	_, _, privacy, _ := page.LegalPaths()
	q := url.Values{"reservation": {r.Token}, "lieu": {r.PlaceID.String()}}
	return holdView{Path: c.Href(heldPath(r.Token)), Facts: s.recap(c, r.Reason, r.Place, r.StartsAt, false), Until: i18n.Clock(c.Ctx(), r.ExpiresAt),
		Extend: !r.Renewed, Contact: r.Contact.V, Other: c.Href(withQuery(slotsPath(r.ReasonID), q)), Privacy: c.Href(privacy), Typed: r.Contact.V != Contact{},
		Ways: s.ways(c, r.Place), Done: c.TakeFlash(), SentTo: masked(c.Ctx(), r.Contact.V), ByMobile: r.Contact.V.Mobile() != ""}
}

// recap is what, when and where.
func (s *Service) recap(c *web.Context, r Reason, p place.Place, start time.Time, discreet bool) []page.Fact {
	ctx := c.Ctx()
	what := r.Name + ", " + i18n.Duration(ctx, r.Duration())
	if discreet && r.Sensitive {
		what = c.T("appointment.notice.discreet")
	}
	facts := []page.Fact{{Label: c.T("appointment.page.reason"), Value: what}}
	if !start.IsZero() {
		facts = append(facts, page.Fact{Label: c.T("appointment.page.when"), Value: i18n.DayTime(ctx, start), Num: true})
	}
	where := page.Fact{Label: c.T("appointment.page.where"), Value: whereabouts(ctx, r, p)}
	if r.Mode == OnSite {
		where.Note = joined(p.Lines())
	}
	return append(facts, where)
}

// askWho asks who comes and how to reach them.
func (s *Service) askWho(c *web.Context) error {
	r, gone, err := s.reserved(c)
	switch {
	case err != nil:
		return err
	case gone:
		return s.renderGone(c)
	case r.AppointmentID != 0:
		return c.Redirect("/r/" + r.Link)
	case !r.Live:
		return s.renderExpired(c, r)
	}
	return s.renderWho(c, http.StatusOK, s.holdView(c, r))
}

func (s *Service) renderWho(c *web.Context, status int, v holdView) error {
	p := s.begin(c, c.T("appointment.page.who.title"), c.T("appointment.page.almost"), crumbHome(c), page.Link{Label: c.T("appointment.page.who")})
	p.Heading, p.Width, p.NoIndex, p.HasError = c.T("appointment.page.who.title"), page.Narrow, true, len(v.Errors) > 0
	return c.RenderStatus(status, whoPage(p, v))
}

func (s *Service) renderGone(c *web.Context) error {
	p := s.begin(c, c.T("appointment.page.gone.title"), "", crumbHome(c))
	p.Heading, p.Width, p.NoIndex = c.T("appointment.page.gone.title"), page.Narrow, true
	return c.RenderStatus(http.StatusGone, gonePage(p, c.Href(home), s.ways(c, place.Place{})))
}

func (s *Service) renderExpired(c *web.Context, r reservation) error {
	p := s.begin(c, c.T("appointment.page.expired.title"), "", crumbHome(c), page.Link{Label: c.T("appointment.page.who")})
	p.Heading, p.Width, p.NoIndex = c.T("appointment.page.expired.title"), page.Narrow, true
	return c.RenderStatus(http.StatusGone, expiredPage(p, s.holdView(c, r)))
}

// typed reads the form of who comes.
func typed(c *web.Context) (Contact, error) {
	f, err := c.Form()
	if err != nil {
		return Contact{}, err
	}
	return Contact{FirstName: f.Get("first_name"), LastName: f.Get("last_name"), Phone: f.Get("phone"), Email: f.Get("email"),
		OnBehalf: f.Get("on_behalf"), Lang: i18n.Lang(c.Ctx())}, nil
}

// introduceWho keeps who comes and sends the code.
func (s *Service) introduceWho(c *web.Context) error {
	r, gone, err := s.reserved(c)
	if err != nil {
		return err
	}
	who, err := typed(c)
	switch {
	case err != nil:
		return err
	case gone:
		return s.renderGone(c)
	case r.AppointmentID != 0:
		return c.Redirect("/r/" + r.Link)
	case !r.Live:
		if err := s.remember(c.Ctx(), c.Store, r.Token, who); err != nil {
			return err
		}
		r.Contact.V = who
		return s.renderExpired(c, r)
	}
	checked := who
	err = s.Introduce(c.Ctx(), c.Store, r.Token, checked, region(c))
	if err == nil {
		if proven := checked; !r.ProvenAt.IsZero() && proven.Check(region(c), false) == nil && sameAddress(proven, r.Contact.V) {
			return s.finish(c, r, "")
		}
		return c.Redirect(heldPath(r.Token) + "/code")
	}
	// The same person again within a minute: a second click, or a name put
	// right. The code that left is still good.
	if fault.Is(err, fault.TooMany) && r.ChallengeID != 0 && checked.Check(region(c), false) == nil && sameAddress(checked, r.Contact.V) {
		if err := s.remember(c.Ctx(), c.Store, r.Token, checked); err != nil {
			return err
		}
		return c.Redirect(heldPath(r.Token) + "/code")
	}
	errs, ok := person.FormErrors(c, err, "phone")
	if !ok {
		return err
	}
	v := s.holdView(c, r)
	v.Contact, v.Errors = who, errs
	return s.renderWho(c, fault.Of(err).Kind.Status(), v)
}

// sameAddress tells whether the code of b went where the code of a would go.
func sameAddress(a, b Contact) bool {
	if a.Mobile() != "" || b.Mobile() != "" {
		return a.Mobile() == b.Mobile()
	}
	return a.Email == b.Email
}

// remember keeps what was typed with the hold, right or wrong. A code proves the
// address it was sent to and no other.
func (s *Service) remember(ctx context.Context, h store.Handle, token string, who Contact) error {
	err := h.Update(ctx, func(tx *store.Tx) error {
		held, err := s.HeldBy(ctx, tx, token)
		if err != nil || held.AppointmentID != 0 {
			return err
		}
		if !sameAddress(who, held.Contact.V) {
			held.ChallengeID, held.ProvenAt = 0, time.Time{}
		}
		return s.keepTyped(ctx, tx, token, who, held)
	})
	if err != nil && !web.Gone(err) {
		return fmt.Errorf("appointment: keeping what was typed: %w", err)
	}
	return nil
}

// keepTyped writes a contact with the proof of its address.
func (s *Service) keepTyped(ctx context.Context, tx *store.Tx, token string, who Contact, proof Held) error {
	_, err := tx.Exec(ctx, `UPDATE appointment_hold SET contact = ?, challenge_id = ?, proven_at = ? WHERE territory_id = @territory AND token_hash = ?`,
		store.JSON[Contact]{V: cut(who)}, proof.ChallengeID, proof.ProvenAt, web.HashToken(token))
	return err
}

// cut bounds what is kept of a form that nobody has checked.
func cut(c Contact) Contact {
	for _, f := range []*string{&c.FirstName, &c.LastName, &c.Phone, &c.Email, &c.OnBehalf} {
		if r := []rune(*f); len(r) > 4*maxName {
			*f = string(r[:4*maxName])
		}
	}
	return c
}

// inherit gives a new hold what was typed with an older one, which it gives
// back. An older one that is unknown or booked changes nothing.
func (s *Service) inherit(ctx context.Context, h store.Handle, from, to string) error {
	if from == "" || from == to {
		return nil
	}
	err := h.Update(ctx, func(tx *store.Tx) error {
		old, err := s.HeldBy(ctx, tx, from)
		if err != nil || old.AppointmentID != 0 {
			return err
		}
		if _, err = s.booking.Cancel(ctx, tx, old.BookingID, 0); err != nil {
			return err
		}
		if err = s.keepTyped(ctx, tx, to, old.Contact.V, old); err != nil {
			return err
		}
		return s.keepTyped(ctx, tx, from, Contact{}, Held{})
	})
	if web.Gone(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("appointment: keeping what was typed: %w", err)
	}
	return nil
}

// extendHold gives ten minutes more, once.
func (s *Service) extendHold(c *web.Context) error {
	err := s.Extend(c.Ctx(), c.Store, c.Param("token"))
	if f := fault.Of(err); err != nil && f.Kind != fault.Conflict && f.Kind != fault.Gone {
		return err
	}
	if err == nil {
		c.Flash(c.T("appointment.page.who.extended"))
	}
	return c.Redirect(heldPath(c.Param("token")))
}

// retakeHold tries to have again a start whose time ran out.
func (s *Service) retakeHold(c *web.Context) error {
	r, gone, err := s.reserved(c)
	switch {
	case err != nil:
		return err
	case gone:
		return s.renderGone(c)
	case r.AppointmentID != 0:
		return c.Redirect("/r/" + r.Link)
	case r.Live:
		return c.Redirect(heldPath(r.Token))
	}
	held, err := s.Hold(c.Ctx(), c.Store, r.ReasonID, r.PlaceID, r.StartsAt)
	if err != nil {
		return s.refused(c, slotsAsk{Reason: r.Reason, Place: r.PlaceID, Token: r.Token}, r.StartsAt, err)
	}
	if err := s.inherit(c.Ctx(), c.Store, r.Token, held.Token); err != nil {
		return err
	}
	return c.Redirect(heldPath(held.Token))
}

// dropHold gives the start back and forgets what was typed.
func (s *Service) dropHold(c *web.Context) error {
	token := c.Param("token")
	if err := s.Release(c.Ctx(), c.Store, token); err != nil && !web.Gone(err) {
		return err
	}
	if err := s.remember(c.Ctx(), c.Store, token, Contact{}); err != nil {
		return err
	}
	return c.Redirect(home)
}

// askCode asks for the code that was sent.
func (s *Service) askCode(c *web.Context) error {
	r, gone, err := s.reserved(c)
	switch {
	case err != nil:
		return err
	case gone:
		return s.renderGone(c)
	case r.AppointmentID != 0:
		return c.Redirect("/r/" + r.Link)
	case r.ChallengeID == 0:
		return c.Redirect(heldPath(r.Token))
	}
	return s.renderCode(c, http.StatusOK, s.holdView(c, r))
}

func (s *Service) renderCode(c *web.Context, status int, v holdView) error {
	p := s.begin(c, c.T("appointment.page.code.title"), c.T("appointment.page.almost"), crumbHome(c), page.Link{Label: c.T("appointment.page.code")})
	p.Heading, p.Width, p.NoIndex, p.HasError = c.T("appointment.page.code.title"), page.Narrow, true, len(v.Errors) > 0
	return c.RenderStatus(status, codePage(p, v))
}

// checkCode books.
func (s *Service) checkCode(c *web.Context) error {
	f, err := c.Form()
	if err != nil {
		return err
	}
	r, gone, err := s.reserved(c)
	switch {
	case err != nil:
		return err
	case gone:
		return s.renderGone(c)
	case r.AppointmentID == 0 && r.ChallengeID == 0:
		return c.Redirect(heldPath(r.Token))
	}
	return s.finish(c, r, f.Get("code"))
}

// finish books and shows the ticket; the slots again when the start is lost.
func (s *Service) finish(c *web.Context, r reservation, code string) error {
	done, err := s.Confirm(c.Ctx(), c.Store, r.Token, code)
	if err == nil {
		if r.AppointmentID == 0 {
			key := "appointment.page.ticket.sent.mail"
			if r.Contact.V.Mobile() != "" {
				key = "appointment.page.ticket.sent.sms"
			}
			c.Flash(c.T(key, "To", masked(c.Ctx(), r.Contact.V)))
		}
		return c.Redirect("/r/" + done.Link)
	}
	if _, taken := WasTaken(err); taken {
		return s.refused(c, slotsAsk{Reason: r.Reason, Place: r.PlaceID, Token: r.Token}, r.StartsAt, err)
	}
	if again, _, failed := s.reserved(c); failed == nil && again.AppointmentID != 0 { // another click was faster
		return c.Redirect("/r/" + again.Link)
	}
	errs, ok := person.FormErrors(c, err, "code")
	if !ok {
		return err
	}
	v := s.holdView(c, r)
	v.Errors = errs
	return s.renderCode(c, fault.Of(err).Kind.Status(), v)
}
