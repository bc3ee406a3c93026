package report

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"parvis/engine/dossier"
	"parvis/platform/fault"
	"parvis/platform/geo"
	"parvis/platform/store"
	"parvis/platform/web"
)

// Open takes a report: everything in one transaction, or nothing. The same key
// gives the report that was opened with it. Invalid names the fields; an answer
// that ends there is a fault of its question, a point elsewhere one of "point".
func (s *Reports) Open(ctx context.Context, h store.Handle, d Draft) (Report, error) {
	if _, err := s.list(ctx, h); err != nil { // a territory gets its categories at first use
		return Report{}, err
	}
	var r Report
	err := h.Update(ctx, func(tx *store.Tx) (err error) {
		r, err = s.OpenIn(ctx, tx, d)
		return err
	})
	if errors.Is(err, store.ErrConflict) && d.Key != "" && fault.Of(err).Key == "" {
		// Two at once with one key: the other one wrote first.
		err = h.View(ctx, func(tx *store.Tx) (err error) {
			r, err = s.byKey(ctx, tx, d.Key)
			return err
		})
	}
	return r, err
}

// OpenIn is Open in a transaction of the caller.
func (s *Reports) OpenIn(ctx context.Context, tx *store.Tx, d Draft) (Report, error) {
	if d.Key != "" {
		r, err := s.byKey(ctx, tx, d.Key)
		if err == nil || !errors.Is(err, store.ErrNotFound) {
			return r, err
		}
	}
	w, err := s.Where(ctx, tx)
	if err != nil {
		return Report{}, err
	}
	c, err := s.Category(ctx, tx, d.Category)
	if errors.Is(err, store.ErrNotFound) || err == nil && !c.Active {
		return Report{}, fault.Fields{{Name: "category", Key: "report.error.category"}}.Err()
	}
	if err != nil {
		return Report{}, err
	}
	answers, priority, err := s.admit(ctx, tx, &d, c, w)
	if err != nil {
		return Report{}, err
	}
	r := Report{ID: store.NewID(), CategoryID: c.ID, Title: c.Label, Text: d.Text, Address: d.Address, AddressID: d.AddressID, Accuracy: d.Accuracy,
		State: Received, Private: c.Private() || d.Private, Anonymous: d.Anonymous, Priority: priority, Channel: d.Channel, Source: d.Source,
		ExternalID: d.ExternalID, StaffID: d.Staff, OpenedAt: d.RequestedAt, UpdatedAt: tx.Now(), Version: 1, Cell: -1, Fresh: true}
	r.Answers.V = answers
	photoState := PhotoShown
	if c.Detail.V.ReviewPhotos || c.Detail.V.Sensitive {
		photoState = PhotoWaiting
	}
	taken, err := claim(ctx, tx, r.ID, d.Photos, photoState)
	if err != nil {
		return Report{}, err
	}
	if d.Point == nil && taken != nil && !c.Complaint() && s.inside(ctx, tx, *taken) {
		d.Point, r.Accuracy = taken, photoAccuracy
	}
	if d.Point != nil {
		r.Lat, r.Lon, r.Located, r.Cell = d.Point.Lat, d.Point.Lon, true, geo.CellKey(*d.Point)
	}
	s.censor(&r, c, d.Contact, len(d.Photos) > 0 && photoState == PhotoWaiting)
	sectors, err := s.sectors(ctx, tx, d.Point)
	if err != nil {
		return Report{}, err
	}
	crew, owner := c.Detail.V.Routed(sectors)
	if len(sectors) > 0 {
		r.SectorID = sectors[0]
	}
	r.CrewID = crew
	var code string
	if d.Anonymous {
		code = newCode()
	}
	if err := s.insert(ctx, tx, r, d, code); err != nil {
		return Report{}, err
	}
	return s.file(ctx, tx, r, c, d, owner, code)
}

// photoAccuracy is what the position of a photo is worth, in metres.
const photoAccuracy = 50

// admit checks everything that a person may have given wrong.
func (s *Reports) admit(ctx context.Context, tx *store.Tx, d *Draft, c Category, w Where) (map[string][]string, Priority, error) {
	err := d.Check(c, w.Region, tx.Now())
	wrong := fieldsOf(err)
	if err != nil && wrong == nil {
		return nil, 0, err
	}
	answers, stop, asked, err := c.Answer(d.Answers)
	switch {
	case d.Trusted && err != nil:
		// What a message says is kept as it says it, without its answers.
	case err != nil:
		wrong = append(wrong, fieldsOf(err)...)
	case stop != "" && !d.Trusted:
		return nil, 0, fault.Fields{{Name: "stop", Key: "report.error.stop", Args: []any{"Text", stop}}}.Err()
	}
	if !d.Trusted && !c.Detail.V.InSeason(tx.Now().In(w.Location)) {
		wrong.Add("category", "report.error.season.closed", "Label", c.Label)
	}
	if d.Point != nil && d.Point.Valid() && s.Within != nil && d.Source == "" {
		out, inside, err := s.Within(ctx, tx.Territory(), *d.Point)
		if err != nil {
			return nil, 0, err
		}
		if !inside {
			wrong.Add("point", "report.error.outside", "Name", out.Name, "Here", w.Name)
		}
	}
	p := max(d.Priority, asked)
	if p == 0 {
		p = c.Detail.V.Priority
	}
	return answers, min(max(p, Low), Urgent), wrong.Err()
}

func (s *Reports) inside(ctx context.Context, tx *store.Tx, p geo.Point) bool {
	if s.Within == nil {
		return true
	}
	_, inside, err := s.Within(ctx, tx.Territory(), p)
	return inside && err == nil
}

func fieldsOf(err error) fault.Fields {
	if f := fault.Of(err); f != nil && f.Kind == fault.Invalid {
		return f.Fields
	}
	return nil
}

// file opens the dossier, which gives the number and the date, and tells.
func (s *Reports) file(ctx context.Context, tx *store.Tx, r Report, c Category, d Draft, owner store.ID, code string) (Report, error) {
	by := dossier.Author{Kind: dossier.Resident}
	if d.Staff != 0 {
		by = dossier.Author{Kind: dossier.Staff, ID: d.Staff}
	}
	o := dossier.Opening{Kind: Kind, Subject: r.Ref(), Title: dossierTitle(r), Channel: d.Channel, By: by, Phone: d.Contact.Phone, Email: d.Contact.Email,
		OwnerID: owner, TeamID: r.CrewID, Text: d.Text,
		Class: dossier.Class{Category: c.Label, Priority: int64(r.Priority), SectorID: r.SectorID, Private: c.Detail.V.Sensitive}}
	f, err := s.Dossiers.Open(ctx, tx, o)
	if err != nil {
		return Report{}, err
	}
	r.DossierID, r.Number, r.DueAt, r.Token = f.ID, f.Number, f.DueAt, f.Token
	if _, err := tx.Exec(ctx, `UPDATE report SET dossier_id = ?, number = ?, due_at = ? WHERE territory_id = @territory AND id = ?`, r.DossierID, r.Number, r.DueAt, r.ID); err != nil {
		return Report{}, fmt.Errorf("report: numbering: %w", err)
	}
	if err := s.Bus.Append(ctx, tx, "report.opened", r.Ref(), map[string]any{"category": c.Code, "channel": d.Channel, "located": r.Located}); err != nil {
		return Report{}, err
	}
	r.Code = code
	return r, s.tellReceived(ctx, tx, r, d)
}

// dossierTitle is what the staff and the author read above everything.
func dossierTitle(r Report) string {
	if r.Address == "" {
		return r.Title
	}
	address := []rune(r.Address)
	if len(address) > 80 {
		address = append(address[:79], '…')
	}
	return r.Title + ", " + string(address)
}

func (s *Reports) insert(ctx context.Context, tx *store.Tx, r Report, d Draft, code string) error {
	var key, hash any
	if d.Key != "" {
		key = d.Key
	}
	hash = ""
	if code != "" {
		hash = web.HashToken(tx.Territory() + code)
	}
	_, err := tx.Exec(ctx, `INSERT INTO report (territory_id, text_fold, tone, key, code_hash, `+columns+`) VALUES (@territory, ?, ?, ?, ?, `+store.In(37)+`)`,
		folded(r), int(r.PublicState()), key, hash,
		r.ID, 0, "-"+r.ID.String(), r.CategoryID, r.Title, r.Text, r.TextShown, r.Answers, r.Lat, r.Lon, r.Located, r.Cell, r.Accuracy, r.Address, r.AddressID,
		r.State, r.Visible, r.Private, r.Moderation, r.Anonymous, int(r.Priority), 0, "", "", r.SectorID, r.CrewID, r.Channel, r.Source, r.ExternalID,
		r.StaffID, 0, r.OpenedAt, r.DueAt, r.PlannedAt, r.ClosedAt, r.UpdatedAt, r.Version)
	if err != nil {
		return fmt.Errorf("report: keeping a report: %w", err)
	}
	if d.Contact == (Contact{}) {
		return nil
	}
	_, err = tx.Exec(ctx, `INSERT INTO report_author (territory_id, report_id, first_name, last_name, phone, email, lang, created_at) VALUES (@territory, ?, ?, ?, ?, ?, ?, ?)`,
		r.ID, d.Contact.FirstName, d.Contact.LastName, d.Contact.Phone, d.Contact.Email, d.Lang, tx.Now())
	if err != nil {
		return fmt.Errorf("report: keeping an author: %w", err)
	}
	return nil
}

// codeSigns are the signs of a code: none that is mistaken for another.
const codeSigns = "23456789ABCDEFGHJKMNPQRSTVWXYZ"

// newCode is what an anonymous author keeps: 10 signs, 49 bits, tried at a
// careful rate.
func newCode() string {
	var out []byte
	for len(out) < 10 {
		var b [16]byte
		_, _ = rand.Read(b[:])
		for _, x := range b {
			if x < 240 && len(out) < 10 { // 8 × 30: every sign as likely
				out = append(out, codeSigns[x%30])
			}
		}
	}
	return string(out)
}
