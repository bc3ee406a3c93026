package report

import (
	"context"

	"parvis/core/service"
)

// fillDemo gives a territory of the demonstration its reports.
func (s *Reports) fillDemo(ctx context.Context, d service.Demo) error { return s.Seed(ctx, d.Handle) }
