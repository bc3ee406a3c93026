package intervention

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

type assetsView struct {
	Done   string
	Action string
	Text   string
	Kinds  []page.Option
	Table  page.TableData
	Pager  page.PagerData
	Import *page.ButtonData
	Empty  *page.EmptyData
}

func (s *Service) assets(c *web.Context) error {
	ctx := c.Ctx()
	v := assetsView{Done: c.TakeFlash(), Action: c.Href(assetsPath), Text: c.Query("q")}
	f := AssetFilter{Text: v.Text, Kind: c.Query("type"), After: idOf(c.Query("apres"))}
	v.Table = page.TableData{Caption: c.T("intervention.assets.title"), CaptionHidden: true, Columns: []page.Column{{Label: c.T("intervention.asset.name")}, {Label: c.T("intervention.asset.kind")}, {Label: c.T("intervention.asset.code")},
		{Label: c.T("intervention.asset.address")}, {Label: c.T("intervention.asset.state")}}}
	err := c.Store.View(ctx, func(tx *store.Tx) error {
		kinds, err := s.AssetKinds(ctx, tx)
		if err != nil {
			return err
		}
		v.Kinds = []page.Option{{Label: c.T("intervention.asset.anykind")}}
		for _, k := range kinds {
			v.Kinds = append(v.Kinds, page.Option{Value: k.Kind, Label: k.Kind + " (" + i18n.Number(ctx, k.Count) + ")", Selected: k.Kind == f.Kind})
		}
		list, err := s.Assets(ctx, tx, f, pageSize+1)
		v.Table.Rows = nil
		if len(list) > pageSize {
			list = list[:pageSize]
			v.Pager.NextHref = c.Href(assetsPath + "?q=" + v.Text + "&type=" + f.Kind + "&apres=" + list[pageSize-1].ID.String())
		}
		for _, a := range list {
			v.Table.Rows = append(v.Table.Rows, []page.Cell{{Text: a.Name, Href: c.Href(assetsPath + "/" + a.ID.String()), Head: true}, {Text: a.Kind}, {Text: a.Code}, {Text: a.Address}, {Text: c.T("intervention.assetstate." + a.State)}})
		}
		return err
	})
	if err != nil {
		return err
	}
	if c.Actor.Can(MaySet) {
		v.Import = &page.ButtonData{Label: c.T("intervention.import.button"), Icon: "up", Href: c.Href(assetsPath + "/importer")}
	}
	if len(v.Table.Rows) == 0 {
		v.Empty = &page.EmptyData{Title: c.T("intervention.assets.none"), Text: c.T("intervention.assets.none.text"), Small: true}
	}
	p, err := s.workspace(c, c.T("intervention.assets.title"), c.T("intervention.assets.lead"), nil)
	if err != nil {
		return err
	}
	return c.Render(assetsPage(p, v))
}

type assetView struct {
	Facts  []page.Fact
	Orders page.TableData
	New    page.ButtonData
}

// showAsset is an asset with its history.
func (s *Service) showAsset(c *web.Context) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	ctx := c.Ctx()
	var v assetView
	var a Asset
	err = c.Store.View(ctx, func(tx *store.Tx) (err error) {
		if a, err = s.Asset(ctx, tx, id); err != nil {
			return err
		}
		r, err := s.roster(ctx, tx)
		if err != nil {
			return err
		}
		list, err := s.List(ctx, tx, Filter{Asset: id}, 200)
		v.Orders = page.TableData{Caption: c.T("intervention.asset.history"), CaptionHidden: true, Empty: c.T("intervention.asset.history.none"), Columns: []page.Column{{Label: c.T("intervention.col.what")}, {Label: c.T("intervention.col.trade")},
			{Label: c.T("intervention.fact.done")}, {Label: c.T("intervention.fact.cost"), Right: true}, {Label: c.T("intervention.asset.state")}}}
		for _, o := range list {
			done := ""
			if !o.DoneAt.IsZero() {
				done = i18n.Date(ctx, o.DoneAt)
			}
			v.Orders.Rows = append(v.Orders.Rows, []page.Cell{{Text: o.Title, Note: o.Number, Href: c.Href(ordersPath + "/" + o.ID.String()), Head: true}, {Text: r.trades[o.TradeID].Name}, {Text: done}, {Text: i18n.Money(ctx, o.Cents)},
				{Text: c.T("intervention.state." + string(o.State))}})
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, f := range []page.Fact{{Label: c.T("intervention.asset.kind"), Value: a.Kind}, {Label: c.T("intervention.asset.code"), Value: a.Code}, {Label: c.T("intervention.asset.address"), Value: a.Address},
		{Label: c.T("intervention.asset.state"), Value: c.T("intervention.assetstate." + a.State)}, {Label: c.T("intervention.asset.point"), Value: writePoint(a.Lat, a.Lon)}, {Label: c.T("intervention.asset.installed"), Value: a.Installed}} {
		if f.Value != "" {
			v.Facts = append(v.Facts, f)
		}
	}
	for _, k := range sortedKeys(a.Attributes.V) {
		v.Facts = append(v.Facts, page.Fact{Label: k, Value: a.Attributes.V[k]})
	}
	v.New = page.ButtonData{Label: c.T("intervention.new"), Icon: "plus", Kind: "primary", Href: c.Href(ordersPath + "/nouvelle?asset=" + a.Kind + "/" + a.Code + "&title=" + a.Name)}
	p, err := s.workspace(c, a.Name, "", nil, page.Link{Label: c.T("intervention.assets.title"), Href: c.Href(assetsPath)})
	if err != nil {
		return err
	}
	return c.Render(assetPage(p, v))
}

type importView struct {
	Action string
	Errors []page.FieldError
	Result *ImportResult
	Table  page.TableData
	Text   string
}

func (s *Service) askImport(c *web.Context) error {
	return s.renderImport(c, http.StatusOK, importView{})
}

func (s *Service) renderImport(c *web.Context, status int, v importView) error {
	v.Action = c.Href(assetsPath + "/importer")
	p, err := s.workspace(c, c.T("intervention.import.title"), c.T("intervention.import.lead"), v.Errors, page.Link{Label: c.T("intervention.assets.title"), Href: c.Href(assetsPath)})
	if err != nil {
		return err
	}
	return c.RenderStatus(status, importPage(p, v))
}

// importAssets reads a file of assets and says what became of each row.
func (s *Service) importAssets(c *web.Context) error {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxImport+1<<20)
	f, head, err := c.Request.FormFile("fichier")
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return s.renderImport(c, http.StatusRequestEntityTooLarge, importView{Errors: []page.FieldError{{Field: "fichier", Message: c.T("intervention.error.filesize")}}})
	case err != nil:
		return s.renderImport(c, http.StatusUnprocessableEntity, importView{Errors: []page.FieldError{{Field: "fichier", Message: c.T("intervention.error.file")}}})
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxImport+1))
	if err != nil || len(raw) > maxImport {
		return s.renderImport(c, http.StatusRequestEntityTooLarge, importView{Errors: []page.FieldError{{Field: "fichier", Message: c.T("intervention.error.filesize")}}})
	}
	result, err := s.ImportAssets(c.Ctx(), c.Store, raw, strings.TrimSpace(c.Request.FormValue("type")))
	if fields, invalid := c.FieldErrors(err); err != nil && invalid {
		for i := range fields {
			fields[i].Field = "fichier"
		}
		return s.renderImport(c, http.StatusUnprocessableEntity, importView{Errors: fields})
	}
	if err != nil {
		return err
	}
	v := importView{Result: &result, Text: c.T("intervention.import.result", "File", head.Filename, "Rows", result.Rows, "Added", result.Added, "Changed", result.Changed, "Refused", len(result.Refused))}
	v.Table = page.TableData{Caption: c.T("intervention.import.refused"), Columns: []page.Column{{Label: c.T("intervention.import.line"), Right: true}, {Label: c.T("intervention.import.why")}}}
	for _, r := range result.Refused[:min(len(result.Refused), 500)] {
		words := make([]string, 0, len(r.Why))
		for _, w := range r.Why {
			words = append(words, c.T(w.Key, w.Args...))
		}
		v.Table.Rows = append(v.Table.Rows, []page.Cell{{Text: strconv.Itoa(r.Line)}, {Text: strings.Join(words, " ")}})
	}
	return s.renderImport(c, http.StatusOK, v)
}
