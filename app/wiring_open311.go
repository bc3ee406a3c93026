package app

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"parvis/core/territory"
	"parvis/loop/listen/report"
	"parvis/loop/listen/report/open311/exchange"
	"parvis/platform/geo"
	"parvis/platform/i18n"
	"parvis/platform/store"
	"parvis/platform/web"
)

// open311 builds the interface of reports with other programs.
func (a *App) open311() (err error) {
	var allow []netip.Prefix
	for _, x := range a.Config.Open311Allow {
		p, err := prefixOf(x)
		if err != nil {
			return fmt.Errorf("app: open311.allow: %w", err)
		}
		allow = append(allow, p)
	}
	a.Open311, err = exchange.New(exchange.Deps{Reports: a.Reports, Queue: a.Queue, Here: a.jurisdiction, Named: a.jurisdictionNamed, Allow: allow,
		Within: func(ctx context.Context, id string, p geo.Point) (bool, error) {
			_, inside, err := a.within(ctx, id, p)
			return inside, err
		},
		// Asked once the program is whole: catalogue and keys come after the services.
		Key:   func(ctx context.Context, id, secret string) (web.Actor, error) { return a.API.Actor(ctx, id, secret) },
		Words: func(key string, args ...any) string { return a.Catalog.Localizer(i18n.French).T(key, args...) }})
	return err
}

// prefixOf reads a network, or one address.
func prefixOf(s string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p, nil
	}
	addr, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, err
	}
	return netip.PrefixFrom(addr, addr.BitLen()), nil
}

// jurisdiction is a territory as Open311 names it.
func (a *App) jurisdiction(ctx context.Context, id string) (exchange.Jurisdiction, error) {
	t, err := a.Book.Get(ctx, id)
	if err != nil {
		return exchange.Jurisdiction{}, fmt.Errorf("app: jurisdiction: %w", err)
	}
	if !t.Settings.Open(report.Kind) {
		return exchange.Jurisdiction{}, store.ErrNotFound
	}
	return a.jurisdictionOf(t), nil
}

func (a *App) jurisdictionOf(t *territory.Territory) exchange.Jurisdiction {
	j := exchange.Jurisdiction{Territory: t.ID, Names: []string{t.Slug, t.ID}, Name: placeName(t), URL: a.urlOf(t), Contact: t.Settings.Email, Test: a.Config.Demo}
	if t.Host != "" {
		j.Names = append([]string{t.Host}, j.Names...)
	}
	if j.Contact == "" {
		j.Contact = j.Name
	}
	return j
}

// jurisdictionNamed finds the territory of a jurisdiction_id: its host name, its slug
// or its official code. One that has closed the interface, or reports, is not there.
func (a *App) jurisdictionNamed(ctx context.Context, name string) (exchange.Jurisdiction, error) {
	for _, find := range []func(context.Context, string) (web.Found, error){a.Book.BySegment, a.Book.ByHost} {
		found, err := find(ctx, name)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return exchange.Jurisdiction{}, err
		}
		return a.openJurisdiction(ctx, found.Territory)
	}
	return a.openJurisdiction(ctx, name)
}

func (a *App) openJurisdiction(ctx context.Context, id string) (exchange.Jurisdiction, error) {
	t, err := a.Book.Get(ctx, id)
	if err != nil {
		return exchange.Jurisdiction{}, err
	}
	if !t.Settings.Open(exchange.Name) || !t.Settings.Open(report.Kind) {
		return exchange.Jurisdiction{}, store.ErrNotFound
	}
	return a.jurisdictionOf(t), nil
}
