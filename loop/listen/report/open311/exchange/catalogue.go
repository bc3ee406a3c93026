package exchange

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"parvis/loop/listen/report"
	"parvis/loop/listen/report/open311"
	"parvis/platform/job"
	"parvis/platform/store"
)

// Reports is the [Book] of the report service.
type Reports struct {
	*report.Reports
	Queue *job.Queue
	Allow []netip.Prefix                       // private networks that may be asked
	Words func(key string, args ...any) string // in the language of the territory
}

// Catalogue satisfies Book: the active categories.
func (b Reports) Catalogue(ctx context.Context, h store.Handle) (Catalogue, error) {
	var out Catalogue
	for range 2 {
		var all []report.Category
		err := h.View(ctx, func(tx *store.Tx) (err error) {
			if all, err = b.Categories(ctx, tx); err != nil {
				return err
			}
			err = tx.Get(ctx, &out.Changed, `SELECT updated_at FROM report_category WHERE territory_id = @territory ORDER BY updated_at DESC LIMIT 1`)
			if errors.Is(err, store.ErrNotFound) {
				out.Changed, err = time.Unix(0, 0).UTC(), nil
			}
			return err
		})
		if err != nil {
			return out, fmt.Errorf("open311: reading the services: %w", err)
		}
		if len(all) > 0 {
			for _, c := range all {
				if c.Active {
					out.Services = append(out.Services, listed(c))
				}
			}
			break
		}
		// A territory gets its categories at first use.
		if err := b.Seed(ctx, h); err != nil {
			return out, err
		}
	}
	return out, nil
}

func listed(c report.Category) Listed {
	d := c.Detail.V
	out := Listed{Service: open311.Service{Code: c.Code, Name: c.Label, Description: d.Hint, Type: typeOf(c), Keywords: d.Keywords, Group: c.Heading}}
	order := 0
	for _, q := range d.Questions {
		if q.Type == "hidden" {
			continue
		}
		order++
		a := open311.Attribute{Variable: true, Code: q.Code, Datatype: datatype(q.Type), Required: q.Required, DatatypeDescription: q.Hint, Order: order, Description: q.Label}
		for _, o := range q.Options {
			a.Values = append(a.Values, open311.Value{Key: o.Code, Name: o.Label})
		}
		out.Attributes = append(out.Attributes, a)
	}
	if d.Warning != "" {
		order++
		out.Attributes = append(out.Attributes, open311.Attribute{Code: "information", Datatype: open311.String, Order: order, Description: d.Warning})
	}
	out.Metadata = len(out.Attributes) > 0
	return out
}

// typeOf says when a report gets an identifier that others may read.
func typeOf(c report.Category) string {
	switch {
	case c.Private():
		return open311.Blackbox
	case c.Detail.V.Sensitive:
		return open311.Batch
	}
	return open311.Realtime
}

func datatype(question string) string {
	switch question {
	case "number":
		return open311.Number
	case "single":
		return open311.SingleList
	case "multi":
		return open311.MultiList
	case "date":
		return open311.Datetime
	}
	return open311.Text
}
