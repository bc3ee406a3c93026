package desk

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"

	"parvis/engine/dossier"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// tabLinks are the tabs with their counts.
func tabLinks(c *web.Context, q query, n dossier.Counts) []page.Link {
	counts := map[string]int{tabLate: n.Late, tabMine: n.Mine, tabTeam: n.Team, tabNobody: n.Nobodys, tabPaused: n.Paused, tabAll: n.All}
	return tabsOf(c.Ctx(), c.Href, q, counts)
}

func tabsOf(ctx context.Context, href func(path string) string, q query, counts map[string]int) []page.Link {
	var out []page.Link
	for _, tab := range tabs() {
		label := i18n.T(ctx, "desk.tab."+tab)
		if count, ok := counts[tab]; ok {
			label += " " + i18n.From(ctx).Integer(int64(count))
		}
		out = append(out, page.Link{Label: label, Href: href(q.in(tab)), Current: tab == q.Tab})
	}
	return out
}

// counters is the tabs alone, asked again by the page while somebody looks at
// it. What has not changed is not sent.
func (d *Desk) counters(c *web.Context) error {
	q := readQuery(c)
	var n dossier.Counts
	err := c.Store.View(c.Ctx(), func(tx *store.Tx) error {
		s, err := d.sight(c.Ctx(), tx, c.Actor)
		if err != nil {
			return err
		}
		n, err = d.count(c, tx, q, s)
		return err
	})
	if err != nil {
		return err
	}
	var b strings.Builder
	if err := page.Filters(c.T("desk.tabs"), tabLinks(c, q, n)).Render(c.Ctx(), &b); err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(b.String()))
	tag := strconv.Quote(base64.RawURLEncoding.EncodeToString(sum[:12]))
	h := c.Writer.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "private, no-cache")
	if c.Request.Header.Get("If-None-Match") == tag {
		c.Writer.WriteHeader(http.StatusNotModified)
		return nil
	}
	return c.File("text/html; charset=utf-8", "", []byte(b.String()))
}
