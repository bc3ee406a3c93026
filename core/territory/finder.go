package territory

import (
	"context"
	"strings"

	"parvis/core/territory/theme"
	"parvis/platform/calendar"
	"parvis/platform/store"
	"parvis/platform/web"
	"parvis/platform/web/page"
)

// BySegment satisfies web.Finder: the slug is the first segment of addresses.
func (b *Book) BySegment(ctx context.Context, segment string) (web.Found, error) {
	t, err := b.BySlug(ctx, segment)
	if err != nil {
		return web.Found{}, err
	}
	return b.found(t), nil
}

// ByHost satisfies web.Finder.
func (b *Book) ByHost(ctx context.Context, host string) (web.Found, error) {
	// Addresses of machines are the instance itself: no question asked.
	if host == "localhost" || !strings.Contains(host, ".") || strings.Trim(host, "0123456789.") == "" {
		return web.Found{}, store.ErrNotFound
	}
	t, err := b.ByHostName(ctx, host)
	if err != nil {
		return web.Found{}, err
	}
	return b.found(t), nil
}

func (b *Book) found(t *Territory) web.Found {
	return web.Found{Territory: t.ID, Location: t.Settings.Location(), Value: t, Site: b.site(t)}
}

// Of is the territory of the request's site.
func Of(c *web.Context) *Territory {
	t, _ := c.Found.Value.(*Territory)
	return t
}

// ThemeHash changes when the colour does, so that the stylesheet can be kept for ever.
func (t *Territory) ThemeHash() string {
	return strings.ToLower(strings.TrimPrefix(t.Settings.Colour, "#"))
}

func (b *Book) site(t *Territory) page.Site {
	s := t.Settings
	out := page.Site{ID: t.ID, Kind: t.Official.KindLabel(), Name: t.Name, Sign: s.Sign, Territory: s.Colour, Place: s.Place}
	if _, err := theme.Derive(s.Colour); err == nil {
		out.ThemeHref = "/theme/" + t.ThemeHash() + ".css"
	}
	if s.Address != "" {
		out.Address = append(out.Address, s.Address)
	}
	if line := strings.TrimSpace(s.Zip + " " + s.City); line != "" {
		out.Address = append(out.Address, line)
	}
	return out
}

// HolidayZone is the zone whose public holidays apply.
func (t *Territory) HolidayZone() calendar.Zone {
	code := ""
	if strings.HasPrefix(t.ID, "c") {
		code = t.Official.Code
	}
	return calendar.ZoneOf(t.Official.Departement, code)
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, '|')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

func escapeLike(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '%' || r == '_' || r == '\\' {
			return ' '
		}
		return r
	}, s)
}
