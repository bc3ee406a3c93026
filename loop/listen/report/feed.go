package report

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strconv"
	"time"

	"parvis/platform/store"
	"parvis/platform/web"
)

// feedSize is the number of reports in the RSS feed, geoSize in the GeoJSON.
const (
	feedSize = 50
	geoSize  = 1000
)

type rss struct {
	XMLName xml.Name   `xml:"rss"`
	Version string     `xml:"version,attr"`
	Channel rssChannel `xml:"channel"`
}

type rssChannel struct {
	Title       string    `xml:"title"`
	Link        string    `xml:"link"`
	Description string    `xml:"description"`
	Language    string    `xml:"language"`
	Items       []rssItem `xml:"item"`
}

type rssItem struct {
	Title       string  `xml:"title"`
	Link        string  `xml:"link"`
	GUID        rssGUID `xml:"guid"`
	Description string  `xml:"description"`
	Category    string  `xml:"category"`
	PubDate     string  `xml:"pubDate"`
}

type rssGUID struct {
	Permanent bool   `xml:"isPermaLink,attr"`
	Value     string `xml:",chardata"`
}

// feed is the latest news as RSS 2.0: what the list shows, nothing more. With
// « q » it follows a street, with « zone » a box of the map.
func (s *Reports) feed(c *web.Context) error {
	rows, err := s.listed(c, feedSize)
	if err != nil {
		return err
	}
	out := rss{Version: "2.0", Channel: rssChannel{Title: c.T("report.feed.title", "Name", c.Site.FullName()), Link: c.URL(listPath), Description: c.T("report.list.lead"), Language: "fr"}}
	for _, r := range rows {
		out.Channel.Items = append(out.Channel.Items, rssItem{Title: headingOf(r) + "\u00a0: " + publicWord(c.Ctx(), r), Link: c.URL(r.Path()),
			GUID: rssGUID{Value: r.Number + "/" + strconv.FormatInt(r.Version, 10)}, Description: r.TextShown, Category: r.Title,
			PubDate: r.UpdatedAt.Format(time.RFC1123Z)})
	}
	body, err := xml.MarshalIndent(out, "", " ")
	if err != nil {
		return fmt.Errorf("report: writing the feed: %w", err)
	}
	return c.File("application/rss+xml; charset=utf-8", "", append([]byte(xml.Header), body...))
}

// listed are the public reports that the address asks for.
func (s *Reports) listed(c *web.Context, n int) (rows []Report, err error) {
	f := filterOf(c.Query("etat"), c.Now())
	f.Query = c.Query("q")
	if b, ok := readZone(c.Query("zone")); ok {
		f.Bounds = &b
	}
	err = c.Store.View(c.Ctx(), func(tx *store.Tx) (err error) {
		rows, err = s.List(c.Ctx(), tx, f, Cursor{}, n)
		return err
	})
	return rows, err
}

type geoCollection struct {
	Type     string       `json:"type"`
	Features []geoFeature `json:"features"`
}

type geoFeature struct {
	Type       string         `json:"type"`
	ID         string         `json:"id"`
	Geometry   *geoGeometry   `json:"geometry"`
	Properties map[string]any `json:"properties"`
}

type geoGeometry struct {
	Type        string     `json:"type"`
	Coordinates [2]float64 `json:"coordinates"` // longitude, latitude (RFC 7946)
}

// geoJSON is the latest public reports for maps and spreadsheets.
func (s *Reports) geoJSON(c *web.Context) error {
	rows, err := s.listed(c, geoSize)
	if err != nil {
		return err
	}
	out := geoCollection{Type: "FeatureCollection", Features: []geoFeature{}}
	for _, r := range rows {
		f := geoFeature{Type: "Feature", ID: r.Number, Properties: map[string]any{"number": r.Number, "category": r.Title, "state": r.State, "address": r.Address,
			"text": r.TextShown, "opened_at": r.OpenedAt, "updated_at": r.UpdatedAt, "followers": r.Followers, "url": c.URL(r.Path())}}
		if p, ok := r.Point(); ok {
			f.Geometry = &geoGeometry{"Point", [2]float64{p.Lon, p.Lat}}
		}
		if !r.DueAt.IsZero() {
			f.Properties["due_at"] = r.DueAt
		}
		if r.Closed() {
			f.Properties["closed_at"] = r.ClosedAt
		}
		out.Features = append(out.Features, f)
	}
	body, err := json.Marshal(out)
	if err != nil {
		return fmt.Errorf("report: writing GeoJSON: %w", err)
	}
	c.Writer.Header().Set("Access-Control-Allow-Origin", "*")
	c.Writer.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	return c.File("application/geo+json; charset=utf-8", "", body)
}

func datasetColumns() []string {
	return []string{"numero", "categorie", "etat", "ouvert_le", "promis_le", "clos_le", "lat", "lon", "adresse", "suivi_par", "cause", "dans_le_delai"}
}

// dataset opens the public reports, place rounded to about ten metres, without
// a word of what people wrote.
func (s *Reports) dataset(ctx context.Context, h store.Handle, emit func([]string) error) error {
	after := Cursor{}
	for {
		var rows []Report
		err := h.View(ctx, func(tx *store.Tx) (err error) {
			rows, err = s.ListOpened(ctx, tx, Filter{Public: true}, after, 1000)
			return err
		})
		if err != nil {
			return err
		}
		for _, r := range rows {
			after = Cursor{r.OpenedAt, r.ID}
			if err := emit(datasetRow(r)); err != nil {
				return err
			}
		}
		if len(rows) < 1000 {
			return nil
		}
	}
}

func datasetRow(r Report) []string {
	day := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Format(time.DateOnly)
	}
	lat, lon, inTime := "", "", ""
	if r.Located {
		lat, lon = strconv.FormatFloat(r.Lat, 'f', 4, 64), strconv.FormatFloat(r.Lon, 'f', 4, 64)
	}
	if r.Closed() && !r.DueAt.IsZero() {
		inTime = map[bool]string{true: "oui", false: "non"}[r.InTime()]
	}
	return []string{r.Number, r.Title, string(r.State), day(r.OpenedAt), day(r.DueAt), day(r.ClosedAt), lat, lon, r.Address, strconv.Itoa(r.Followers), r.Cause, inTime}
}
