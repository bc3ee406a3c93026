package dossier

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"parvis/platform/fault"
	"parvis/platform/i18n"
	"parvis/platform/search"
	"parvis/platform/store"
)

// Template is a motivated answer that staff start from. Its placeholders are
// words between braces, "{numero}"; see Variables.
type Template struct {
	ID        store.ID
	Kind      string // "": every kind
	Stage     string // "": every stage
	Label     string
	Body      string
	UpdatedAt time.Time
}

// maxTemplates bounds those of a territory.
const maxTemplates = 500

const templateColumns = `id, kind, stage, label, body, updated_at`

// Variables are the engine's own placeholders.
func Variables() []string {
	return []string{"numero", "objet", "categorie", "etape", "date_demande", "date_reponse", "agent", "collectivite"}
}

var placeholder = regexp.MustCompile(`\{([a-z_]{1,40})\}`)

// SaveTemplate inserts (ID 0) or updates a template. Invalid with the fields
// label and body; a placeholder that is neither the engine's nor the kind's is
// refused there.
func (e *Engine) SaveTemplate(ctx context.Context, tx *store.Tx, t Template) (Template, error) {
	var wrong fault.Fields
	label, err := clean(t.Label, "title", false)
	if err != nil {
		wrong.Add("label", "dossier.template.error.label")
	}
	body, err := clean(t.Body, "message", false)
	if err != nil {
		wrong.Add("body", "dossier.template.error.body")
	}
	k, known := e.kinds[t.Kind]
	if t.Kind != "" && !known {
		wrong.Add("kind", "dossier.template.error.kind")
	}
	if _, ok := k.stage(t.Stage); t.Stage != "" && !ok {
		wrong.Add("stage", "dossier.template.error.stage")
	}
	for _, m := range placeholder.FindAllStringSubmatch(body, -1) {
		if !slices.Contains(Variables(), m[1]) && !slices.Contains(k.VariableNames, m[1]) {
			wrong.Add("body", "dossier.template.error.variable", "Name", m[1])
			break
		}
	}
	if err := wrong.Err(); err != nil {
		return t, err
	}
	t.Label, t.Body, t.UpdatedAt = label, body, tx.Now()
	if t.ID == 0 {
		var n int
		if err := tx.Get(ctx, &n, `SELECT COUNT(*) FROM dossier_template WHERE territory_id = @territory`); err != nil {
			return t, fmt.Errorf("dossier: counting templates: %w", err)
		}
		if n >= maxTemplates {
			return t, fault.New(fault.Conflict, "dossier.template.error.many")
		}
		t.ID = store.NewID()
	}
	_, err = tx.Exec(ctx, `INSERT INTO dossier_template (territory_id, label_fold, `+templateColumns+`) VALUES (@territory, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (territory_id, id) DO UPDATE SET kind = excluded.kind, stage = excluded.stage, label = excluded.label, label_fold = excluded.label_fold,
			body = excluded.body, updated_at = excluded.updated_at`, search.Fold(t.Label), t.ID, t.Kind, t.Stage, t.Label, t.Body, t.UpdatedAt)
	if err != nil {
		return t, fmt.Errorf("dossier: saving a template: %w", err)
	}
	return t, nil
}

// GetTemplate finds one template; store.ErrNotFound.
func (e *Engine) GetTemplate(ctx context.Context, tx *store.Tx, id store.ID) (Template, error) {
	var t Template
	err := tx.Get(ctx, &t, `SELECT `+templateColumns+` FROM dossier_template WHERE territory_id = @territory AND id = ?`, id)
	return t, err
}

// DeleteTemplate removes a template; deleting twice changes nothing.
func (e *Engine) DeleteTemplate(ctx context.Context, tx *store.Tx, id store.ID) error {
	_, err := tx.Exec(ctx, `DELETE FROM dossier_template WHERE territory_id = @territory AND id = ?`, id)
	return err
}

// Templates lists the templates by kind and name.
func (e *Engine) Templates(ctx context.Context, tx *store.Tx) ([]Template, error) {
	var out []Template
	err := tx.Select(ctx, &out, `SELECT `+templateColumns+` FROM dossier_template WHERE territory_id = @territory ORDER BY kind, label_fold, id LIMIT ?`, maxTemplates)
	if err != nil {
		return nil, fmt.Errorf("dossier: listing templates: %w", err)
	}
	return out, nil
}

// Fits tells whether a template is offered for a request: those of its stage,
// of its kind, of everything.
func (t Template) Fits(d Dossier) bool {
	return (t.Kind == "" || t.Kind == d.Kind) && (t.Stage == "" || t.Stage == d.Stage)
}

// Fill writes the template for a request. agent and place are names as they are
// signed. Placeholders without value stay, and are given back.
func (e *Engine) Fill(ctx context.Context, tx *store.Tx, t Template, d Dossier, agent, place string) (text string, missing []string, err error) {
	k := e.kinds[d.Kind]
	s, _ := k.stage(d.Stage)
	values := map[string]string{"numero": d.Number, "objet": d.Title, "categorie": d.Category, "etape": i18n.T(ctx, s.Label), "agent": agent, "collectivite": place,
		"date_demande": i18n.DayWithYear(ctx, d.OpenedAt, tx.Now())}
	if !d.DueAt.IsZero() {
		values["date_reponse"] = i18n.DayWithYear(ctx, d.DueDay(), tx.Now())
	}
	if k.Variables != nil {
		own, err := k.Variables(ctx, tx, d)
		if err != nil {
			return "", nil, fmt.Errorf("dossier: %s gives its words: %w", k.Name, err)
		}
		for name, value := range own {
			values[name] = value
		}
	}
	text = placeholder.ReplaceAllStringFunc(t.Body, func(m string) string {
		name := strings.Trim(m, "{}")
		if v := values[name]; v != "" {
			return v
		}
		if !slices.Contains(missing, name) {
			missing = append(missing, name)
		}
		return m
	})
	return text, missing, nil
}

// Unfilled is the first placeholder left in a text about to be sent, "" none.
func (e *Engine) Unfilled(d Dossier, text string) string {
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		if slices.Contains(Variables(), m[1]) || slices.Contains(e.kinds[d.Kind].VariableNames, m[1]) {
			return m[0]
		}
	}
	return ""
}
