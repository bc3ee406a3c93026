package exchange

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"parvis/engine/dossier"
	"parvis/loop/listen/report"
	"parvis/loop/listen/report/open311"
	"parvis/platform/store"
)

// maxRows is what one call reads (GeoReport v2: the first 1 000 requests).
const maxRows = 1000

// Find satisfies Book.
func (b Reports) Find(ctx context.Context, h store.Handle, q Query) (found []open311.Request, more bool, err error) {
	err = h.View(ctx, func(tx *store.Tx) error {
		found, more = nil, false
		categories, err := b.Categories(ctx, tx)
		if err != nil {
			return err
		}
		rows, following, err := b.rows(ctx, tx, q, categories)
		if err != nil {
			return err
		}
		more = following
		photos, err := shownPhotos(ctx, tx, rows)
		if err != nil {
			return err
		}
		for _, r := range rows {
			i := slices.IndexFunc(categories, func(c report.Category) bool { return c.ID == r.CategoryID })
			if i < 0 || categories[i].Private() {
				continue
			}
			x, err := b.request(ctx, tx, q, r, categories[i], photos[r.ID])
			if err != nil {
				return err
			}
			found = append(found, x)
		}
		return nil
	})
	return found, more, err
}

// rows are the public reports that the query asks for.
func (b Reports) rows(ctx context.Context, tx *store.Tx, q Query, categories []report.Category) ([]report.Report, bool, error) {
	if q.IDs != nil {
		var out []report.Report
		for _, id := range q.IDs {
			number, ok := dossier.ParseNumber(id)
			if !ok {
				continue
			}
			r, err := b.ByNumber(ctx, tx, number)
			if errors.Is(err, store.ErrNotFound) || err == nil && !r.Visible {
				continue
			}
			if err != nil {
				return nil, false, err
			}
			out = append(out, r)
		}
		return out, false, nil
	}
	f := report.Filter{Public: true, Merged: true, From: q.From, To: q.To.Add(time.Microsecond)}
	if len(q.Codes) > 0 {
		for _, c := range categories {
			if slices.Contains(q.Codes, c.Code) {
				f.Categories = append(f.Categories, c.ID)
			}
		}
		if len(f.Categories) == 0 {
			return nil, false, nil
		}
	}
	if q.Open != q.Closed {
		for _, s := range report.States() {
			if s.Final() == q.Closed {
				f.States = append(f.States, s)
			}
		}
	}
	var after report.Cursor
	for page := 1; ; page++ {
		rows, err := b.ListOpened(ctx, tx, f, after, q.Size+1)
		if err != nil {
			return nil, false, err
		}
		more := len(rows) > q.Size
		rows = rows[:min(len(rows), q.Size)]
		if page == q.Page || !more {
			if page != q.Page {
				rows = nil
			}
			return rows, more && page == q.Page, nil
		}
		last := rows[len(rows)-1]
		after = report.Cursor{At: last.OpenedAt, ID: last.ID}
	}
}

type photoRow struct {
	ReportID      store.ID
	ID            store.ID
	Role          report.PhotoRole
	Width, Height int
	CreatedAt     time.Time
}

// shownPhotos are those that everybody may see, in the order of the report.
func shownPhotos(ctx context.Context, tx *store.Tx, rows []report.Report) (map[store.ID][]photoRow, error) {
	out := map[store.ID][]photoRow{}
	for chunk := range slices.Chunk(rows, 200) {
		args := make([]any, 0, len(chunk)+1)
		for _, r := range chunk {
			args = append(args, r.ID)
		}
		var found []photoRow
		err := tx.Select(ctx, &found, `SELECT report_id, id, role, width, height, created_at FROM report_photo
			WHERE territory_id = @territory AND report_id IN (`+store.In(len(chunk))+`) AND state = ? ORDER BY report_id, role DESC, rank, id`, append(args, report.PhotoShown)...)
		if err != nil {
			return nil, fmt.Errorf("open311: reading the photos of requests: %w", err)
		}
		for _, p := range found {
			out[p.ReportID] = append(out[p.ReportID], p)
		}
	}
	return out, nil
}

var zip = regexp.MustCompile(`\b[0-9]{5}\b`)

// request is a public report as others read it.
func (b Reports) request(ctx context.Context, tx *store.Tx, q Query, r report.Report, c report.Category, photos []photoRow) (open311.Request, error) {
	x := open311.Request{ID: r.Number, Status: open311.Open, StatusNotes: q.Lang(r.State.Label()), ServiceName: c.Label, ServiceCode: c.Code,
		Description: r.TextShown, Agency: q.Agency, RequestedAt: r.OpenedAt, UpdatedAt: r.UpdatedAt, ExpectedAt: r.DueAt, Address: r.Address, AddressID: r.AddressID, Zipcode: zip.FindString(r.Address)}
	if p, ok := r.Point(); ok {
		x.Point = &p
	}
	if r.Closed() || r.State.Final() {
		x.Status = open311.Closed
		if !r.ClosedAt.IsZero() {
			x.UpdatedAt = r.ClosedAt
		}
		if r.Reason != "" {
			x.StatusNotes += " : " + r.Reason
		}
	}
	if r.MergedInto != 0 {
		kept, err := b.Get(ctx, tx, r.MergedInto)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return x, err
		}
		if err == nil && kept.Visible {
			x.StatusNotes = q.Lang("open311.merged", "Number", kept.Number)
		}
	}
	address := func(p photoRow) string { return q.Base + r.Path() + "/photo/" + p.ID.String() }
	if len(photos) > 0 {
		x.MediaURL = address(photos[0])
	}
	if !q.Extended {
		return x, nil
	}
	x.Extended = &open311.Extended{Channel: string(r.Channel)}
	for _, p := range photos {
		x.Extended.Photos = append(x.Extended.Photos, open311.Photo{MediaURL: address(p), Title: string(p.Role), Width: p.Width, Height: p.Height, CreatedAt: p.CreatedAt})
	}
	x.Extended.Attributes = answered(c, r.Answers.V)
	steps, err := b.steps(ctx, tx, r)
	for _, s := range steps {
		x.Extended.Notes = append(x.Extended.Notes, open311.Note{At: s.at, Description: q.Lang(s.label), Type: string(s.state)})
	}
	return x, err
}

// answered are the answers that the category says are public, and never free words:
// nobody read those.
func answered(c report.Category, given map[string][]string) []open311.Answered {
	var out []open311.Answered
	for _, q := range c.Detail.V.Questions {
		if !q.Public || q.Type == "text" || q.Type == "hidden" {
			continue
		}
		for _, v := range given[q.Code] {
			a := open311.Answered{Code: q.Code, Label: q.Label, Name: v, Value: v}
			for _, o := range q.Options {
				if o.Code == v {
					a.Name = o.Label
				}
			}
			out = append(out, a)
		}
	}
	return out
}

// step is a change of state that everybody may read.
type step struct {
	id    store.ID
	at    time.Time
	label string
	state report.State
}

// steps are the changes of state of a report, without a word that somebody wrote.
func (b Reports) steps(ctx context.Context, tx *store.Tx, r report.Report) ([]step, error) {
	entries, err := b.Dossiers.Timeline(ctx, tx, r.DossierID, true)
	if err != nil {
		return nil, err
	}
	var out []step
	for i, e := range entries {
		switch e.Kind {
		case dossier.StageEntry:
			state := report.State(strings.TrimPrefix(e.TextKey, "report.state."))
			at := e.At
			if i == 0 {
				at = r.OpenedAt // when it was told, which may be before it was written here
			}
			if state.Known() {
				out = append(out, step{e.ID, at, e.TextKey, state})
			}
		case dossier.MergeEntry:
			if r.MergedInto != 0 {
				out = append(out, step{e.ID, e.At, report.Duplicate.Label(), report.Duplicate})
			}
		case dossier.ReopenEntry:
			out = append(out, step{e.ID, e.At, report.ToQualify.Label(), report.ToQualify})
		}
	}
	return out, nil
}

// Updates satisfies Book.
func (b Reports) Updates(ctx context.Context, h store.Handle, q Query) (out []open311.Update, err error) {
	err = h.View(ctx, func(tx *store.Tx) error {
		out = nil
		categories, err := b.Categories(ctx, tx)
		if err != nil {
			return err
		}
		rows, err := b.List(ctx, tx, report.Filter{Public: true, Merged: true, Since: q.From}, report.Cursor{}, maxRows)
		if err != nil {
			return err
		}
		photos, err := shownPhotos(ctx, tx, rows)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if slices.ContainsFunc(categories, func(c report.Category) bool { return c.ID == r.CategoryID && c.Private() }) {
				continue
			}
			more, err := b.updatesOf(ctx, tx, r, q, photos[r.ID])
			if err != nil {
				return err
			}
			out = append(out, more...)
		}
		return nil
	})
	slices.SortStableFunc(out, func(a, b open311.Update) int { return a.At.Compare(b.At) })
	return out[:min(len(out), maxRows)], err
}

func (b Reports) updatesOf(ctx context.Context, tx *store.Tx, r report.Report, q Query, photos []photoRow) ([]open311.Update, error) {
	steps, err := b.steps(ctx, tx, r)
	if err != nil {
		return nil, err
	}
	var out []open311.Update
	for i, s := range steps {
		if s.at.Before(q.From) || s.at.After(q.To) || s.state == report.Received {
			continue
		}
		u := open311.Update{ID: s.id.String(), RequestID: r.Number, Status: statusOf(s.state), At: s.at, Description: q.Lang(s.label), ExternalStatus: string(s.state)}
		if i == len(steps)-1 && s.state.Final() {
			if r.Reason != "" {
				u.Description += " : " + r.Reason
			}
			for _, p := range photos {
				if p.Role == report.After {
					u.MediaURL = q.Base + r.Path() + "/photo/" + p.ID.String()
				}
			}
		}
		out = append(out, u)
	}
	return out, nil
}
