package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"parvis/core/crew"
	"parvis/engine/dossier"
	"parvis/platform/fault"
	"parvis/platform/file"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// action is one thing staff do with a request. Those that move check that it is
// still as it was read.
type action struct {
	path       string
	permission web.Permission
	moves      bool // by the service's own pages when the kind says so
	fresh      bool // refused when somebody else changed it meanwhile
	done       string
	do         func(d *Desk, g gesture) error
}

// gesture is one use of an action.
type gesture struct {
	c    *web.Context
	ctx  context.Context
	tx   *store.Tx
	by   dossier.Author
	x    dossier.Dossier
	k    dossier.Kind
	form url.Values
}

func actions() []action {
	return []action{
		{"prendre", MayWrite, false, true, "desk.done.take", (*Desk).take},
		{"transferer", MayWrite, false, true, "desk.done.transfer", (*Desk).transfer},
		{"repondre", MayWrite, false, true, "desk.done.answer", (*Desk).answer},
		{"noter", MayWrite, false, false, "desk.done.note", (*Desk).note},
		{"avancer", MayWrite, true, true, "desk.done.advance", (*Desk).advance},
		{"clore", MayWrite, true, true, "desk.done.close", (*Desk).close},
		{"rouvrir", MayWrite, true, true, "desk.done.reopen", (*Desk).reopen},
		{"suspendre", MayWrite, true, true, "desk.done.pause", (*Desk).pause},
		{"reprendre", MayWrite, true, true, "desk.done.resume", (*Desk).resume},
		{"echeance", MayWrite, true, true, "desk.done.due", (*Desk).due},
		{"reunir", MayWrite, true, true, "desk.done.merge", (*Desk).merge},
		{"separer", MayWrite, true, true, "desk.done.unmerge", (*Desk).unmerge},
		{"joindre", MayWrite, false, false, "desk.done.attach", nil},
	}
}

// errPreview brings the sheet back with the answer as it will be read.
var errPreview = errors.New("desk: a preview was asked")

// act is the handler of an action: one transaction, and the sheet again with
// what was typed when it is refused.
func (d *Desk) act(a action) web.Handler {
	if a.path == "joindre" {
		return d.attach
	}
	return func(c *web.Context) error {
		id, err := c.ID("id")
		if err != nil {
			return err
		}
		form, err := c.Form()
		if err != nil {
			return err
		}
		err = c.Store.Update(c.Ctx(), func(tx *store.Tx) error {
			x, k, err := d.find(c.Ctx(), tx, c.Actor, id)
			if err != nil {
				return err
			}
			if err := d.allow(c.Actor, k, a); err != nil {
				return err
			}
			if a.fresh {
				if err := d.unchanged(c.Ctx(), tx, x, form); err != nil {
					return err
				}
			}
			return a.do(d, gesture{c, c.Ctx(), tx, dossier.Author{Kind: dossier.Staff, ID: c.Actor.ID}, x, k, form})
		})
		if err == nil {
			c.Flash(c.T(a.done))
			return c.Redirect(Path + "/" + id.String())
		}
		return d.back(c, a.path, form, err)
	}
}

// allow refuses what the actor or the kind does not let.
func (d *Desk) allow(actor web.Actor, k dossier.Kind, a action) error {
	if err := d.require(actor, k, a.permission); err != nil {
		return err
	}
	if a.moves && k.OwnMoves {
		return fault.New(fault.Conflict, "desk.error.own")
	}
	return nil
}

// unchanged compares with the version that was read.
func (d *Desk) unchanged(ctx context.Context, tx *store.Tx, x dossier.Dossier, form url.Values) error {
	version, err := store.ParseID(form.Get("version"))
	if err != nil {
		return fault.New(fault.Invalid, "web.error.form").Because(err)
	}
	return d.Dossiers.Expect(ctx, tx, x.ID, int64(version))
}

// back shows the sheet again with what was typed.
func (d *Desk) back(c *web.Context, path string, form url.Values, err error) error {
	v := sheetView{Form: path, Typed: form}
	status := http.StatusUnprocessableEntity
	f := fault.Of(err)
	switch {
	case errors.Is(err, errPreview):
		v.Preview, status = form.Get("text"), http.StatusOK
	case f != nil && f.Kind == fault.Conflict && f.Key != "":
		v.Errors, status = []page.FieldError{{Message: c.T(f.Key, f.Args...)}}, http.StatusConflict
	default:
		fields, ok := c.FieldErrors(err)
		if !ok {
			return err
		}
		v.Errors = named(fields)
	}
	return d.renderSheet(c, status, v)
}

// named gives the engine's fields the names they have in the forms.
func named(list []page.FieldError) []page.FieldError {
	names := map[string]string{"message": "text"}
	for i, f := range list {
		if other, ok := names[f.Field]; ok {
			list[i].Field = other
		}
	}
	return list
}

func (d *Desk) take(g gesture) error {
	_, err := d.Dossiers.Assign(g.ctx, g.tx, g.x.ID, g.by, g.c.Actor.ID, g.x.TeamID)
	return err
}

func (d *Desk) transfer(g gesture) error {
	owner, team, err := d.receiver(g.c, g.tx, g.form)
	if err != nil {
		return err
	}
	_, err = d.Dossiers.Transfer(g.ctx, g.tx, g.x.ID, g.by, owner, team, g.form.Get("note"))
	return err
}

// receiver reads who a request is given to; both may be nobody.
func (d *Desk) receiver(c *web.Context, tx *store.Tx, form url.Values) (owner, team store.ID, err error) {
	owner, _ = store.ParseID(form.Get("owner")) // anything else is nobody
	team, _ = store.ParseID(form.Get("team"))
	here, err := d.works(c, owner)
	if err != nil {
		return 0, 0, err
	}
	var wrong fault.Fields
	if !here {
		wrong.Add("owner", "desk.error.owner")
	}
	if team != 0 {
		switch _, err := crew.Get(c.Ctx(), tx, team); {
		case errors.Is(err, store.ErrNotFound):
			wrong.Add("team", "desk.error.team")
		case err != nil:
			return 0, 0, err
		}
	}
	return owner, team, wrong.Err()
}

func (d *Desk) answer(g gesture) error {
	if !g.k.Messages {
		return fault.New(fault.Conflict, "desk.error.own")
	}
	text := strings.TrimSpace(g.form.Get("text"))
	if left := d.Dossiers.Unfilled(g.x, text); left != "" {
		return fault.Fields{{Name: "text", Key: "desk.error.unfilled", Args: []any{"Name", left}}}.Err()
	}
	if g.form.Get("geste") == "apercu" && text != "" {
		return errPreview
	}
	if g.x.Closed() {
		return fault.New(fault.Conflict, "dossier.error.closed")
	}
	_, err := d.Dossiers.Answer(g.ctx, g.tx, g.x.ID, g.by, text, g.form.Get("followers") != "")
	return err
}

func (d *Desk) note(g gesture) error {
	_, err := d.Dossiers.Note(g.ctx, g.tx, g.x.ID, g.by, g.form.Get("text"))
	return err
}

func (d *Desk) advance(g gesture) error {
	stage := g.form.Get("stage")
	for _, s := range g.k.Steps(g.x.Stage) {
		if s.Name == stage {
			_, err := d.Dossiers.Advance(g.ctx, g.tx, g.x.ID, g.by, stage)
			return err
		}
	}
	return fault.Fields{{Name: "stage", Key: "desk.error.stage"}}.Err()
}

func (d *Desk) close(g gesture) error {
	stage := g.form.Get("stage")
	for _, s := range g.k.Ends(g.x.Stage) {
		if s.Name == stage {
			_, err := d.Dossiers.Close(g.ctx, g.tx, g.x.ID, g.by, stage, g.form.Get("reason"))
			return err
		}
	}
	return fault.Fields{{Name: "stage", Key: "desk.error.stage"}}.Err()
}

func (d *Desk) reopen(g gesture) error {
	_, err := d.Dossiers.Reopen(g.ctx, g.tx, g.x.ID, g.by, g.form.Get("reason"))
	return err
}

func (d *Desk) pause(g gesture) error {
	end, ok := until(strings.TrimSpace(g.form.Get("until")), location(g.c))
	if !ok {
		return fault.Fields{{Name: "until", Key: "desk.error.day"}}.Err()
	}
	_, err := d.Dossiers.PauseUntil(g.ctx, g.tx, g.x.ID, g.by, g.form.Get("reason"), end)
	return err
}

func (d *Desk) resume(g gesture) error {
	_, err := d.Dossiers.Resume(g.ctx, g.tx, g.x.ID, g.by)
	return err
}

// due sets the last day that is in time.
func (d *Desk) due(g gesture) error {
	day, ok := until(strings.TrimSpace(g.form.Get("due")), location(g.c))
	if !ok || day.IsZero() {
		return fault.Fields{{Name: "due", Key: "desk.error.day"}}.Err()
	}
	_, err := d.Dossiers.SetDue(g.ctx, g.tx, g.x.ID, g.by, day.AddDate(0, 0, 1), g.form.Get("reason"))
	return err
}

// merge finds the other request by its number, among those the actor sees.
func (d *Desk) merge(g gesture) error {
	unknown := fault.Fields{{Name: "number", Key: "desk.error.number"}}.Err()
	number, ok := dossier.ParseNumber(g.form.Get("number"))
	if !ok {
		return unknown
	}
	s, err := d.sight(g.ctx, g.tx, g.c.Actor)
	if err != nil {
		return err
	}
	other, err := d.Dossiers.ByNumber(g.ctx, g.tx, number)
	if errors.Is(err, store.ErrNotFound) || err == nil && !s.Sees(other) {
		return unknown
	}
	if err != nil {
		return err
	}
	_, err = d.Dossiers.Merge(g.ctx, g.tx, g.x.ID, other.ID, g.by)
	return err
}

func (d *Desk) unmerge(g gesture) error {
	_, err := d.Dossiers.Unmerge(g.ctx, g.tx, g.x.ID, g.by)
	return err
}

// maxFile bounds an attachment, in bytes.
const maxFile = 15 << 20

// attach keeps a file first, then says that it is there; one whose request
// refused it is removed.
func (d *Desk) attach(c *web.Context) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	form, name, kind, body, err := d.upload(c)
	if err != nil {
		return d.back(c, "joindre", form, err)
	}
	key, err := file.Key(c.Store.Territory(), "dossier", id.String(), store.NewID().String())
	if err != nil {
		return fmt.Errorf("desk: naming an attachment: %w", err)
	}
	// Who may not write must not fill the disk.
	check := func(tx *store.Tx) error {
		_, k, err := d.find(c.Ctx(), tx, c.Actor, id)
		if err != nil {
			return err
		}
		return d.require(c.Actor, k, MayWrite)
	}
	if err := c.Store.View(c.Ctx(), check); err != nil {
		return err
	}
	info, err := d.Files.Put(c.Ctx(), key, bytes.NewReader(body), kind)
	if err != nil {
		return fmt.Errorf("desk: keeping an attachment: %w", err)
	}
	err = c.Store.Update(c.Ctx(), func(tx *store.Tx) error {
		if err := check(tx); err != nil {
			return err
		}
		_, err := d.Dossiers.Attach(c.Ctx(), tx, id, dossier.Author{Kind: dossier.Staff, ID: c.Actor.ID},
			dossier.File{Name: name, MediaType: kind, Size: info.Size, StorageKey: key, Public: form.Get("public") != ""})
		return err
	})
	if err != nil {
		return d.back(c, "joindre", form, errors.Join(err, d.Files.Delete(context.WithoutCancel(c.Ctx()), key)))
	}
	c.Flash(c.T("desk.done.attach"))
	return c.Redirect(Path + "/" + id.String())
}

// upload reads the form with its file.
func (d *Desk) upload(c *web.Context) (form url.Values, name, kind string, body []byte, err error) {
	form = url.Values{}
	wrong := func(key string) error { return fault.Fields{{Name: "file", Key: key}}.Err() }
	if d.Files == nil {
		return form, "", "", nil, wrong("desk.error.file")
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxFile+1<<20)
	if err := c.Request.ParseMultipartForm(1 << 20); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return form, "", "", nil, wrong("desk.error.file.large")
		}
		return form, "", "", nil, wrong("desk.error.file")
	}
	defer func() { _ = c.Request.MultipartForm.RemoveAll() }()
	form = c.Request.MultipartForm.Value
	f, head, err := c.Request.FormFile("file")
	if err != nil {
		return form, "", "", nil, wrong("desk.error.file")
	}
	defer func() { _ = f.Close() }()
	body, err = io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return form, "", "", nil, fmt.Errorf("desk: reading a file: %w", err)
	case len(body) == 0:
		return form, "", "", nil, wrong("desk.error.file")
	case len(body) > maxFile:
		return form, "", "", nil, wrong("desk.error.file.large")
	}
	name = head.Filename[strings.LastIndexAny(head.Filename, `/\`)+1:]
	kind, _, _ = strings.Cut(http.DetectContentType(body), ";")
	return form, name, kind, body, nil
}

// download gives an attachment as a file, never as a page of ours.
func (d *Desk) download(c *web.Context) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	which, err := c.ID("link")
	if err != nil {
		return err
	}
	var found dossier.File
	err = c.Store.View(c.Ctx(), func(tx *store.Tx) error {
		if _, _, err := d.find(c.Ctx(), tx, c.Actor, id); err != nil {
			return err
		}
		list, err := d.Dossiers.Files(c.Ctx(), tx, id, false)
		for _, f := range list {
			if f.ID == which {
				found = f
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	if found.ID == 0 || d.Files == nil {
		return store.ErrNotFound
	}
	r, _, err := d.Files.Open(c.Ctx(), found.StorageKey)
	if errors.Is(err, file.ErrNotFound) {
		return store.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("desk: opening an attachment: %w", err)
	}
	defer func() { _ = r.Close() }()
	return c.Stream("application/octet-stream", found.Name, func(w io.Writer) error {
		_, err := io.Copy(w, r)
		return err
	})
}
