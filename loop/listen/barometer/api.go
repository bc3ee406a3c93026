package barometer

import (
	"context"
	"net/http"
	"strconv"

	"parvis/engine/indicator"
	"parvis/platform/api"
	"parvis/platform/web"
)

// figuresOut is one service over a period of closed months.
type figuresOut struct {
	Service   string   `json:"service" doc:"barometer.api.service"`
	Label     string   `json:"label" doc:"barometer.api.label"`
	First     string   `json:"first" doc:"barometer.api.first"`
	Last      string   `json:"last" doc:"barometer.api.last"`
	Answers   int      `json:"answers" doc:"barometer.api.answers"`
	Finished  int      `json:"finished" doc:"barometer.api.finished"`
	Good      *float64 `json:"good,omitempty" doc:"barometer.api.good"`
	GoodLow   *float64 `json:"goodLow,omitempty" doc:"barometer.api.low"`
	GoodHigh  *float64 `json:"goodHigh,omitempty" doc:"barometer.api.high"`
	Mean      *float64 `json:"mean,omitempty" doc:"barometer.api.mean"`
	MeanLow   *float64 `json:"meanLow,omitempty" doc:"barometer.api.low"`
	MeanHigh  *float64 `json:"meanHigh,omitempty" doc:"barometer.api.high"`
	Bootstrap string   `json:"bootstrapSeed,omitempty" doc:"barometer.api.seed"`
}

// operations give what the public page shows, to other programs.
func (s *Service) operations(g *api.Group) {
	api.Register(g, api.Operation{ID: "barometer-figures", Method: http.MethodGet, Path: "/barometer", Permission: web.Public, Summary: "barometer.api.summary"}, s.apiFigures)
}

func (s *Service) apiFigures(ctx context.Context, r *api.Request, _ *struct{}) (*struct{ Body []figuresOut }, error) {
	b, err := s.readBoard(ctx, r.Store, 12, true)
	if err != nil {
		return nil, err
	}
	out := &struct{ Body []figuresOut }{Body: []figuresOut{}}
	for _, row := range b.Rows {
		o := figuresOut{Service: row.Topic.Name, Label: row.Topic.Label, First: b.Span.First, Last: b.Span.Last, Answers: row.Figures.N, Finished: row.Figures.Finished}
		if row.Figures.N >= indicator.Fewest && !row.Hidden {
			good, mean := row.Figures.Good(), row.Figures.Mean()
			rate, m := good.Rate(), mean.Value
			low, high := good.Interval()
			o.Good, o.GoodLow, o.GoodHigh, o.Mean, o.MeanLow, o.MeanHigh = &rate, &low, &high, &m, &mean.Low, &mean.High
			if mean.Seed != 0 {
				o.Bootstrap = seedText(mean.Seed)
			}
		}
		out.Body = append(out.Body, o)
	}
	return out, nil
}

// seedText is a seed as text: JSON numbers lose the last digits of 64 bits.
func seedText(seed uint64) string { return strconv.FormatUint(seed, 10) }
